// HostProcess: one mesolite-module-host that this program has started, from its birth to its end.
// What comes after its end (another one, and what that must be told) is its owner's business.
//
// Used by one thread at a time; news() may be waited for by another.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "kernel/modules/frames.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"
#include "sdk/src/module/descriptor.hpp"
#include "sdk/src/module/library.hpp"

namespace mesolite::modules {

class HostProcess {
 public:
  // Starts `program FILE`, without copying this process. Fails when it cannot be executed.
  static Result<std::unique_ptr<HostProcess>> spawn(const std::filesystem::path& program,
                                                    const std::filesystem::path& file);
  ~HostProcess();
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;

  // What the library says of itself; the first that is to be asked.
  Result<ModuleDescription> report(Duration timeout);
  // Asks and waits for the answer. A failure says how the process ended, or why it was killed:
  // whatever it is, it has ended.
  Result<Frame> ask(std::uint32_t word, std::string_view bytes, Duration timeout);

  // Readable when it has news for read_news(), or has ended.
  int news() const { return news_.get(); }
  pid_t pid() const { return pid_; }
  bool ended() const { return !end_.empty(); }
  // A descriptor of the process as one of ours.
  Result<Descriptor> copy_descriptor(int number) const;

  // Kills it, unless it ends by itself within a moment; says how it ended: "was killed by signal 9
  // (Killed)". Again: the same words.
  const std::string& end();

 private:
  HostProcess(pid_t pid, Descriptor process, Descriptor calls, Descriptor news)
      : pid_(pid), process_(std::move(process)), calls_(std::move(calls)), news_(std::move(news)) {}

  // The sentence about a call that went wrong.
  std::string fail(FrameProblem problem, Duration timeout);
  void kill_and_reap(Duration patience);

  const pid_t pid_;
  Descriptor process_;  // a pidfd
  Descriptor calls_;
  Descriptor news_;
  std::string end_;  // empty: it runs, as far as we know
};

}  // namespace mesolite::modules

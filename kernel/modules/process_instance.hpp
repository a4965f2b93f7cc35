// ProcessInstance: a module that runs in a process of its own, behind the same bytes as any other.
//
// Its crash, its exit, an answer that makes no sense and a call that takes too long cost that
// process: one error line with the module's name, and another process is started, at once the first
// time and after growing pauses if it dies again and again. A call in the meantime fails with a
// sentence.
//
//        ┌────────────── its process ends ───────────────┐
//   running ──────────────────────────────────────────> down
//        └─ resume() <── fresh <── started again ────────┘
//
// A fresh instance knows nothing. Kinds that remember what they were told (allocators, isolators)
// are not called until their owner has called resume() and brings it up to date; on_fresh tells
// when it is time.
//
// Threads: a keeper thread starts processes, hears what the module says and notices its end. Calls
// are made on the caller's own thread, which waits. The mutex makes them one at a time, and keeps
// the keeper from replacing a process that is being asked; it is held for the length of a call.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "kernel/modules/host_process.hpp"
#include "sdk/src/module/loader.hpp"

namespace mesolite {
class Allocator;
class Isolator;
}  // namespace mesolite

namespace mesolite::modules {

struct ProcessSettings {
  std::filesystem::path program;  // mesolite-module-host
  std::filesystem::path file;     // the library
  WantedModule wanted;
  ParameterMap parameters;
  bool remembers = false;       // a fresh instance waits for resume()
  Duration start_timeout{10s};  // for opening the library, and for making the instance
  Duration call_timeout{10s};   // what takes longer is killed
  Duration pause_first{100ms};  // before the second restart in a row; then twice as long, …
  Duration pause_max{30s};      // … up to this. Who has lived as long begins anew.
};

// The kinds that remember.
template <class Kind>
inline constexpr bool remembers = false;
template <>
inline constexpr bool remembers<Allocator> = true;
template <>
inline constexpr bool remembers<Isolator> = true;

class ProcessInstance final : public ModuleInstance {
 public:
  // Waits until the module has been made. Fails as a load into this process does. `host` outlives
  // the instance and hears the module, and of it, on any thread.
  static Result<std::unique_ptr<ProcessInstance>> start(ProcessSettings settings, Host& host);
  ~ProcessInstance() override;

  // ---- [any thread] -----------------------------------------------------------------------------
  Result<std::string> call(std::uint32_t method, std::string_view request) override;
  const std::string& title() const override { return title_; }

  // Whether it runs and remembers: false after a failed call whose process is gone. Never waits.
  bool current() const;
  // A fresh instance is called from now on; whoever says so tells it everything.
  void resume();
  // Calls `on_fresh`, on the keeper's thread, whenever another process has taken the place of one
  // that has ended. REQUIRES: set once, before the first call.
  void on_fresh(std::function<void()> on_fresh);
  // See HostProcess; the copy outlives the process.
  Result<Descriptor> copy_descriptor(int number) const;
  // Of the last one started.
  pid_t process_id() const;
  std::uint64_t restarts() const { return restarts_; }

 private:
  ProcessInstance(ProcessSettings settings, Host& host);

  Status launch();  // REQUIRES: the mutex, or that nobody else knows us
  void keep();      // the keeper's thread
  void listen();    // until the process has ended
  void tell_fresh() const;
  bool start_again();           // false: stopping
  bool pause(Duration length);  // false: stopping
  // Says once that the process has ended, and how. REQUIRES: the mutex
  std::string lose(const std::string& problem);

  const ProcessSettings settings_;
  Host& host_;
  std::string title_;
  std::function<void()> on_fresh_;

  mutable std::mutex mutex_;
  std::condition_variable stop_;
  std::unique_ptr<HostProcess> process_;  // replaced by the keeper alone
  bool stopping_ = false;
  std::string problem_;  // why it is down

  // Written under the mutex, but for resume(); read without, since a call may last.
  std::atomic<bool> down_{false};
  std::atomic<bool> fresh_{false};
  std::atomic<std::uint64_t> restarts_{0};
  Descriptor wake_;  // an eventfd, readable when stopping
  std::thread keeper_;
};

}  // namespace mesolite::modules

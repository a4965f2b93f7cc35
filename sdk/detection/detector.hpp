// Who leads, for everybody who has to do with the leading master: agents, drivers, commands, and
// masters that do not lead.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite::detection {

class Detector {
 public:
  // The leader as far as is known; nothing: nobody leads. Called on a thread of the detector's own:
  // it posts to its reactor and returns.
  using Handler = std::function<void(std::optional<MasterInfo>)>;

  virtual ~Detector() = default;
  // Tells the leader when it is found and whenever it changes. Called once.
  virtual void detect(Handler handler) = 0;
  // The leader told last does not answer: look again and tell, even if it is the same. [any thread]
  virtual void look_again() = 0;
};

// What a detector has to say that is neither a leader nor none, for logs. [any thread]
using Notice = std::function<void(const std::string&)>;

// Whether `master` can be looked for: "host:port", "zk://host:port,host:port/path", "tcp://ip:port"
// or "ipc:///path" (a bus), or "file:///path" of a file that holds one of these.
Status check_master(const std::string& master);

// The detector for such a master. Pauses are drawn from `seed`.
Result<std::unique_ptr<Detector>> make_detector(const std::string& master, std::uint64_t seed,
                                                Notice notice = {});

// For commands: blocks until there is a leader, and fails when none is found before the timeout. A
// master that is given as host:port is asked once, and tells no more than bus, epoch and cluster.
Result<MasterInfo> find_leader(const std::string& master, Duration timeout);

}  // namespace mesolite::detection

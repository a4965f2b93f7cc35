// ZooKeeperThread: the shell of a Participant. It owns a thread, on it the participant, and with it
// a session of ZooKeeper's client library, which has threads of its own: what these tell is posted
// to ours and never acted upon there.
//
// A new session is begun only when the old one is over, not when its connection broke.
#pragma once

#include <functional>
#include <memory>

#include "sdk/detection/detector.hpp"
#include "sdk/detection/participant.hpp"
#include "sdk/detection/zookeeper_url.hpp"

namespace mesolite::detection {

class ZooKeeperThread {
 public:
  struct Settings {
    ZooKeeperUrl ensemble;
    Duration session_timeout{10s};
    // Called after each event, for the participant's news. [its thread]
    std::function<void()> after_event;
    Notice notice;
  };

  // `participant` outlives the thread and belongs to it.
  ZooKeeperThread(Settings settings, Participant& participant);
  // Ends the session, which removes its nodes at once, and joins.
  ~ZooKeeperThread();
  ZooKeeperThread(const ZooKeeperThread&) = delete;
  ZooKeeperThread& operator=(const ZooKeeperThread&) = delete;

  void start();  // once
  // Runs `work` as an event. [any thread]
  void post(std::function<void(Time now)> work);

  // The clock of the thread: goes on while the machine sleeps. [any thread]
  static Time now();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace mesolite::detection

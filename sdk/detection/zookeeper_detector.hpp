// ZooKeeperDetector: the detector of masters that elect their leader in ZooKeeper.
#pragma once

#include <string>

#include "sdk/detection/detector.hpp"
#include "sdk/detection/leader_watch.hpp"
#include "sdk/detection/zookeeper_thread.hpp"

namespace mesolite::detection {

class ZooKeeperDetector final : public Detector {
 public:
  ZooKeeperDetector(ZooKeeperUrl ensemble, Duration session_timeout, Notice notice);

  void detect(Handler handler) override;
  void look_again() override;

 private:
  void tell_news();

  const Notice notice_;
  LeaderWatch watch_;  // of the thread
  Handler handler_;
  ZooKeeperThread thread_;  // last: what it uses must outlive it
};

}  // namespace mesolite::detection

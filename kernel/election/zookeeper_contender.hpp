// ZooKeeperContender: masters that elect one of them in a ZooKeeper ensemble.
#pragma once

#include <atomic>
#include <memory>

#include "kernel/election/candidacy.hpp"
#include "kernel/election/election.hpp"
#include "sdk/detection/zookeeper_thread.hpp"

namespace mesolite::election {

class ZooKeeperContender final : public Contender {
 public:
  ZooKeeperContender(detection::ZooKeeperUrl ensemble, Duration session_timeout,
                     detection::Notice notice);
  // Its end is told to the ensemble, so that the next one leads at once.
  ~ZooKeeperContender() override;

  void contend(const MasterInfo& self, Handler handler) override;
  bool holds() const override;

 private:
  void tell_news();

  detection::ZooKeeperUrl ensemble_;
  Duration session_timeout_;
  detection::Notice notice_;
  Handler handler_;
  bool told_ = false;                     // of the leadership
  bool over_ = false;                     // told of its end
  std::unique_ptr<Candidacy> candidacy_;  // of the thread
  std::atomic<Duration::rep> lease_until_{0};
  std::unique_ptr<detection::ZooKeeperThread> thread_;  // last: what it uses must outlive it
};

}  // namespace mesolite::election

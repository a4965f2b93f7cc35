#include "kernel/election/zookeeper_contender.hpp"

#include <utility>

#include "sdk/detection/master_node.hpp"

namespace mesolite::election {

ZooKeeperContender::ZooKeeperContender(detection::ZooKeeperUrl ensemble, Duration session_timeout,
                                       detection::Notice notice)
    : ensemble_(std::move(ensemble)),
      session_timeout_(session_timeout),
      notice_(std::move(notice)) {}

ZooKeeperContender::~ZooKeeperContender() = default;

void ZooKeeperContender::contend(const MasterInfo& self, Handler handler) {
  handler_ = std::move(handler);
  candidacy_ = std::make_unique<Candidacy>(ensemble_.path, detection::master_node(self));
  thread_ = std::make_unique<detection::ZooKeeperThread>(
      detection::ZooKeeperThread::Settings{ensemble_, session_timeout_, [this] { tell_news(); },
                                           notice_},
      *candidacy_);
  thread_->start();
}

bool ZooKeeperContender::holds() const {
  return detection::ZooKeeperThread::now().time_since_epoch().count() < lease_until_.load();
}

void ZooKeeperContender::tell_news() {
  if (over_) return;
  if (const auto epoch = candidacy_->epoch()) {
    lease_until_ = candidacy_->lease_until().time_since_epoch().count();
    if (std::exchange(told_, true)) return;
    return handler_(Leadership{"", static_cast<std::uint64_t>(*epoch), candidacy_->own_path()});
  }
  if (!candidacy_->ended()) return;
  over_ = true;
  lease_until_ = 0;
  handler_(std::nullopt);
}

}  // namespace mesolite::election

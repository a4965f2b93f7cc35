#include "sdk/detection/zookeeper_detector.hpp"

#include <utility>

#include "sdk/detection/master_node.hpp"

namespace mesolite::detection {

ZooKeeperDetector::ZooKeeperDetector(ZooKeeperUrl ensemble, Duration session_timeout, Notice notice)
    : notice_(std::move(notice)),
      watch_(ensemble.path),
      thread_({std::move(ensemble), session_timeout, [this] { tell_news(); }, notice_}, watch_) {}

void ZooKeeperDetector::detect(Handler handler) {
  handler_ = std::move(handler);
  thread_.start();
}

void ZooKeeperDetector::look_again() {
  thread_.post([this](Time now) { watch_.look_again(now); });
}

void ZooKeeperDetector::tell_news() {
  const auto news = watch_.take_news();
  if (!news) return;
  if (!news->leader) return handler_(std::nullopt);
  auto master = parse_master_node(news->leader->data);
  if (!master) {
    if (notice_) notice_(master.error().message);
    return;
  }
  master->epoch = static_cast<std::uint64_t>(news->leader->epoch);
  handler_(std::move(*master));
}

}  // namespace mesolite::detection

#include "sdk/detection/bus_detector.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "sdk/net/http_get.hpp"

namespace mesolite::detection {
namespace {

constexpr Duration question_timeout = 2s;
constexpr Duration pause_first = 20ms;
constexpr Duration pause_max = 1s;

}  // namespace

Result<MasterInfo> ask_leader(const std::string& master, Duration timeout) {
  auto address = net::ask_bus(master, timeout);
  if (!address) return tl::unexpected(address.error());
  MasterInfo leader;
  leader.bus = std::move(address->bus);
  leader.epoch = address->epoch;
  leader.version = std::move(address->version);
  leader.cluster = std::move(address->cluster);
  return leader;
}

BusDetector::BusDetector(std::string master, std::uint64_t seed)
    : master_(std::move(master)), random_(seed) {}

BusDetector::~BusDetector() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void BusDetector::detect(Handler handler) {
  thread_ = std::thread([this, handler = std::move(handler)] { run(handler); });
}

void BusDetector::look_again() {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  changed_.notify_one();
}

void BusDetector::run(const Handler& handler) {
  ::pthread_setname_np(::pthread_self(), "detector");
  while (wait_for_question()) {
    Duration longest = pause_first;
    while (true) {
      if (auto leader = ask_leader(master_, question_timeout)) {
        handler(std::move(*leader));
        break;
      }
      // Random, so that a thousand agents do not ask a master that comes back all at once.
      const auto drawn = static_cast<Duration::rep>(static_cast<double>(longest.count()) *
                                                    (0.5 + random_.unit() / 2));
      if (!pause(Duration(drawn))) return;
      longest = std::min(2 * longest, pause_max);
    }
  }
}

bool BusDetector::wait_for_question() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return asked_ || ending_; });
  asked_ = false;
  return !ending_;
}

bool BusDetector::pause(Duration duration) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, duration, [this] { return ending_; });
}

}  // namespace mesolite::detection

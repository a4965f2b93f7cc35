#include "sdk/net/clock.hpp"

#include <ctime>

namespace mesolite::net {
namespace {

Duration read(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Clock::Clock() : offset_(read(CLOCK_REALTIME) - read(CLOCK_BOOTTIME)) {}

Time Clock::now() const {
  return Time(read(CLOCK_BOOTTIME) + offset_);
}

}  // namespace mesolite::net

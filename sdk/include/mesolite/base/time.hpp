// Time and Duration, the only types in which moments and spans of time are passed around.
//
// A Time counts nanoseconds since the Unix epoch, but it does not jump when the wall clock is set:
// a process reads the wall clock once, at its start, and adds what a steady clock has measured
// since (see Clock in sdk/net). The pure machines are handed a Time with every call and have no
// clock of their own; the simulator hands out virtual ones.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"

namespace mesolite {

using namespace std::chrono_literals;

using Duration = std::chrono::nanoseconds;

struct Timeline {
  using duration = Duration;
};
using Time = std::chrono::time_point<Timeline, Duration>;

constexpr double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}
constexpr double to_milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}
// Seconds since the Unix epoch, as JSON readers of Mesos expect them.
constexpr double to_seconds(Time time) {
  return to_seconds(time.time_since_epoch());
}

// Reads "15secs", "500ms", "2mins", "1.5hrs", "1days", "2weeks", "10us", "3ns"; the units also in
// their short forms s, m, min, h, hr, d, w; a bare number means seconds, as in the setup guide.
// Fails on anything else, on negative values, and past 292 years.
Result<Duration> parse_duration(std::string_view text);

// The shortest exact form in the largest fitting unit: "15secs", "1500ms", "0ns".
std::string to_text(Duration duration);

// "2026-11-23T08:15:30.123Z"
std::string to_text(Time time);

}  // namespace mesolite

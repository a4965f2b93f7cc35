#include "mesolite/base/time.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

namespace mesolite {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::int64_t second = 1'000'000'000;

// Long names, as they are printed, the largest first.
constexpr std::array<Unit, 8> units = {{{"weeks", 604'800 * second},
                                        {"days", 86'400 * second},
                                        {"hrs", 3'600 * second},
                                        {"mins", 60 * second},
                                        {"secs", second},
                                        {"ms", 1'000'000},
                                        {"us", 1'000},
                                        {"ns", 1}}};

// Other names that are understood; the empty one is a bare number's.
constexpr std::array<Unit, 8> short_units = {{{"", second},
                                              {"s", second},
                                              {"m", 60 * second},
                                              {"min", 60 * second},
                                              {"h", 3'600 * second},
                                              {"hr", 3'600 * second},
                                              {"d", 86'400 * second},
                                              {"w", 604'800 * second}}};

// 0 if there is no such unit.
std::int64_t unit_nanoseconds(std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit.nanoseconds;
  }
  for (const Unit& unit : short_units) {
    if (unit.name == name) return unit.nanoseconds;
  }
  return 0;
}

tl::unexpected<Error> bad_duration(std::string_view text, std::string_view reason) {
  return failure("'" + std::string(text) + "' is not a duration: " + std::string(reason) +
                 " (write it like 15secs, 500ms, 2mins, 1.5hrs, or 15 for seconds)");
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  constexpr std::string_view digits = "0123456789";
  const std::size_t whole_end = std::min(text.find_first_not_of(digits), text.size());
  if (whole_end == 0) return bad_duration(text, "it does not begin with a digit");
  std::size_t number_end = whole_end;
  if (whole_end < text.size() && text[whole_end] == '.') {
    number_end = std::min(text.find_first_not_of(digits, whole_end + 1), text.size());
    if (number_end == whole_end + 1) return bad_duration(text, "no digit follows the point");
  }

  const std::int64_t unit = unit_nanoseconds(text.substr(number_end));
  if (unit == 0) {
    return bad_duration(
        text, "'" + std::string(text.substr(number_end)) +
                  "' is not one of the units ns, us, ms, secs, mins, hrs, days and weeks");
  }

  // The whole units are counted exactly; a fraction of one is below 2^53 ns, where double is exact.
  std::int64_t whole = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + whole_end, whole);
  constexpr std::int64_t nanoseconds_max = std::numeric_limits<std::int64_t>::max();
  if (parsed.ec != std::errc() || whole > nanoseconds_max / unit - 1) {
    return bad_duration(text, "it is longer than 292 years");
  }
  double fraction = 0;
  if (number_end > whole_end) {
    std::from_chars(text.data() + whole_end, text.data() + number_end, fraction);
  }
  return Duration(whole * unit + std::llround(fraction * static_cast<double>(unit)));
}

std::string to_text(Duration duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0ns";
  for (const Unit& unit : units) {
    if (count % unit.nanoseconds != 0) continue;
    return std::to_string(count / unit.nanoseconds) + std::string(unit.name);
  }
  return {};  // Not reached: every count is a multiple of one nanosecond.
}

std::string to_text(Time time) {
  using std::chrono::milliseconds;
  const auto since_epoch = std::chrono::floor<milliseconds>(time.time_since_epoch());
  const auto day = std::chrono::floor<std::chrono::days>(since_epoch);
  const std::chrono::year_month_day date{std::chrono::sys_days(day)};
  const std::chrono::hh_mm_ss<milliseconds> clock(since_epoch - day);

  std::array<char, 40> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return std::string(text.data(), static_cast<std::size_t>(size));
}

}  // namespace mesolite

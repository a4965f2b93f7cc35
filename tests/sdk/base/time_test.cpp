#include "mesolite/base/time.hpp"

#include <gtest/gtest.h>

namespace mesolite {
namespace {

TEST(Durations, every_unit_and_its_short_form_is_read) {
  const std::pair<const char*, Duration> cases[] = {{"3ns", 3ns},
                                                    {"10us", 10us},
                                                    {"500ms", 500ms},
                                                    {"15secs", 15s},
                                                    {"15s", 15s},
                                                    {"15", 15s},
                                                    {"2mins", 2min},
                                                    {"2min", 2min},
                                                    {"2m", 2min},
                                                    {"1hrs", 1h},
                                                    {"1hr", 1h},
                                                    {"1h", 1h},
                                                    {"1days", 24h},
                                                    {"1d", 24h},
                                                    {"2weeks", 336h},
                                                    {"2w", 336h},
                                                    {"1.5hrs", 90min},
                                                    {"0.25secs", 250ms},
                                                    {"0", Duration(0)},
                                                    {"1.5ms", 1500us},
                                                    {"007secs", 7s},
                                                    {"0.1secs", 100ms},
                                                    {"15249weeks", 15249 * 168h}};
  for (const auto& [text, expected] : cases) {
    const Result<Duration> parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(Durations, what_is_not_a_duration_is_refused_with_the_text_and_the_reason) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "does not begin with a digit"},
      {"-5secs", "does not begin with a digit"},
      {"+5secs", "does not begin with a digit"},
      {" 5secs", "does not begin with a digit"},
      {".5secs", "does not begin with a digit"},
      {"secs", "does not begin with a digit"},
      {"5.secs", "no digit follows the point"},
      {"5 secs", "' secs' is not one of the units"},
      {"5fortnights", "'fortnights' is not one of the units"},
      {"1e3", "'e3' is not one of the units"},
      {"1.2.3", "'.3' is not one of the units"},
      {"20000weeks", "longer than 292 years"},
      {"9223372037secs", "longer than 292 years"},
      {"99999999999999999999999", "longer than 292 years"}};
  for (const auto& [text, reason] : cases) {
    const Result<Duration> parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message.find(reason), std::string::npos) << parsed.error().message;
    EXPECT_EQ(parsed.error().message.find("'" + std::string(text) + "'"), 0U);
  }
}

TEST(Durations, are_printed_in_the_largest_unit_that_is_exact) {
  EXPECT_EQ(to_text(Duration(0)), "0ns");
  EXPECT_EQ(to_text(Duration(15s)), "15secs");
  EXPECT_EQ(to_text(Duration(1500ms)), "1500ms");
  EXPECT_EQ(to_text(Duration(60s)), "1mins");
  EXPECT_EQ(to_text(Duration(168h)), "1weeks");
  EXPECT_EQ(to_text(Duration(-5s)), "-5secs");
  EXPECT_EQ(to_text(Duration(1)), "1ns");
}

TEST(Durations, survive_printing_and_reading) {
  for (const Duration duration : {Duration(1), Duration(999), Duration(61s), Duration(90min),
                                  Duration(123456789), Duration::max() - Duration(24h * 8)}) {
    EXPECT_EQ(parse_duration(to_text(duration)), duration) << duration.count();
  }
}

TEST(Times, are_printed_as_utc_with_milliseconds) {
  EXPECT_EQ(to_text(Time{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_text(Time{1795421730123ms}), "2026-11-23T08:15:30.123Z");
  EXPECT_EQ(to_text(Time{951782399s}), "2000-02-28T23:59:59.000Z");
  EXPECT_EQ(to_text(Time{-1ms}), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace mesolite

// What --rate_limits takes, and what it says of what it does not.
#include "kernel/daemon/rate_limits.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/scratch.hpp"

namespace mesolite::daemon {
namespace {

constexpr const char* example = R"({
  "limits": [{"principal": "foo", "qps": 55.5, "capacity": 100}, {"principal": "bar"}],
  "aggregate_default_qps": 33, "aggregate_default_capacity": 0})";

TEST(RateLimits, are_read_as_mesos_reads_them) {
  const auto limits = parse_rate_limits(example).value();
  ASSERT_EQ(limits.principals.size(), 2u);
  EXPECT_EQ(limits.principals.at("foo")->messages_per_second, 55.5);
  EXPECT_EQ(limits.principals.at("foo")->capacity, 100u);
  EXPECT_FALSE(limits.principals.at("bar")) << "a principal without qps has no limit";
  EXPECT_EQ(limits.others->messages_per_second, 33);
  EXPECT_EQ(limits.others->capacity, 0u);
}

TEST(RateLimits, are_none_unless_given) {
  const auto limits = parse_rate_limits("").value();
  EXPECT_TRUE(limits.principals.empty());
  EXPECT_FALSE(limits.others);
}

TEST(RateLimits, may_lie_in_a_file) {
  const harness::Scratch files;
  const std::string path = (files / "limits").string();
  std::ofstream(path) << example;
  EXPECT_EQ(parse_rate_limits(path).value().principals.size(), 2u);
  EXPECT_EQ(parse_rate_limits("file://" + path).value().principals.size(), 2u);
}

struct Wrong {
  const char* text;
  const char* sentence;
};

TEST(RateLimits, that_make_no_sense_are_named_in_one_sentence) {
  constexpr Wrong table[] = {
      {"nonsense", "--rate_limits: expected JSON, or the path of a file with it"},
      {"/no/such/file", "--rate_limits: cannot read '/no/such/file'"},
      {"[]", "--rate_limits: expected a JSON object"},
      {R"({"limit": []})", "--rate_limits: there is no 'limit'"},
      {R"({"limits": {}})", "--rate_limits: limits: expected a list"},
      {R"({"limits": [7]})", "--rate_limits: limits[0]: expected an object"},
      {R"({"limits": [{"qps": 1}]})", "--rate_limits: limits[0]: principal: expected a text"},
      {R"({"limits": [{"principal": "a", "burst": 1}]})",
       "--rate_limits: limits[0]: there is no 'burst'"},
      {R"({"limits": [{"principal": "a"}, {"principal": "a"}]})",
       "--rate_limits: limits[1]: principal: 'a' is given twice"},
      {R"({"limits": [{"principal": "a", "qps": 0}]})",
       "--rate_limits: limits[0]: qps: expected messages a second, 0.001 to 1000000, got 0"},
      {R"({"limits": [{"principal": "a", "qps": "5"}]})",
       "--rate_limits: limits[0]: qps: expected messages a second, 0.001 to 1000000, got \"5\""},
      {R"({"limits": [{"principal": "a", "capacity": 5}]})",
       "--rate_limits: limits[0]: capacity: means nothing without qps"},
      {R"({"aggregate_default_qps": 1, "aggregate_default_capacity": -1})",
       "--rate_limits: aggregate_default_capacity: expected messages that may wait, 0 to 1000000, "
       "got -1"},
  };
  for (const Wrong& wrong : table) {
    const auto limits = parse_rate_limits(wrong.text);
    ASSERT_FALSE(limits) << wrong.text;
    EXPECT_EQ(limits.error().message, wrong.sentence);
  }
}

}  // namespace
}  // namespace mesolite::daemon

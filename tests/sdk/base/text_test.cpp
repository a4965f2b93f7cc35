#include "mesolite/base/text.hpp"

#include <gtest/gtest.h>

namespace mesolite {
namespace {

using Parts = std::vector<std::string_view>;

TEST(Text, splitting_keeps_empty_parts) {
  EXPECT_EQ(split("a,b,c", ','), (Parts{"a", "b", "c"}));
  EXPECT_EQ(split(",a,", ','), (Parts{"", "a", ""}));
  EXPECT_EQ(split("", ','), (Parts{""}));
  EXPECT_EQ(split("abc", ','), (Parts{"abc"}));
}

TEST(Text, trimming_takes_blanks_at_both_ends_only) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \t\r\n"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("x"), "x");
}

TEST(Text, lowering_touches_ascii_letters_only) {
  EXPECT_EQ(lower("MESOS_Work_DIR"), "mesos_work_dir");
  EXPECT_EQ(lower("\xC3\x84Z@[`{"), "\xC3\x84z@[`{");
}

TEST(Text, the_nearest_name_is_the_one_that_was_meant) {
  const std::vector<std::string> names = {"port", "work_dir", "log_dir", "agent_ping_timeout"};
  EXPECT_EQ(nearest_name("prot", names), "port");
  EXPECT_EQ(nearest_name("workdir", names), "work_dir");
  EXPECT_EQ(nearest_name("WORK_DIR", names), "work_dir");
  EXPECT_EQ(nearest_name("agent_ping_timeouts", names), "agent_ping_timeout");
  EXPECT_EQ(nearest_name("port", names), "port");
}

TEST(Text, no_name_is_proposed_for_what_resembles_none) {
  const std::vector<std::string> names = {"port", "work_dir"};
  EXPECT_EQ(nearest_name("quorum", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("port", {}), "");
}

}  // namespace
}  // namespace mesolite

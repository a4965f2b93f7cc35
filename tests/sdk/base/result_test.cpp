#include "mesolite/base/result.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "mesolite/base/check.hpp"

namespace mesolite {
namespace {

TEST(Results, a_failure_seen_from_further_out_keeps_its_cause) {
  const Result<int> inner = failure("no such agent");
  const Result<int> outer = failure("cannot launch 't1'", inner.error());
  EXPECT_EQ(outer.error().message, "cannot launch 't1': no such agent");
}

TEST(Results, a_failed_system_call_is_told_in_words) {
  const Status status = system_failure("cannot open '/x'", ENOENT);
  EXPECT_EQ(status.error().message, "cannot open '/x': No such file or directory");
}

TEST(CheckDeathTest, a_broken_check_says_what_should_hold_and_where) {
  EXPECT_DEATH(MESOLITE_CHECK(1 + 1 == 3, "one and one make three"),
               "expected that one and one make three, but not \\(1 \\+ 1 == 3\\) at "
               ".*tests/sdk/base/result_test.cpp:[0-9]+");
}

TEST(Check, a_check_that_holds_costs_nothing_visible) {
  MESOLITE_CHECK(1 + 1 == 2, "one and one make two");
}

}  // namespace
}  // namespace mesolite

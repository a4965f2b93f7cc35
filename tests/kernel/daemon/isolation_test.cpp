// What --isolation stands for.
#include "kernel/daemon/isolation.hpp"

#include <gmock/gmock.h>

#include <set>

namespace mesolite::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A machine on which these work.
IsolatorWorks only(std::set<std::string> names) {
  return [names](const std::string& name) -> Status {
    return names.contains(name) ? Status() : failure("needs root");
  };
}

TEST(Isolation, names_stand_for_themselves_in_their_order) {
  const auto isolation = isolation_of({"posix/mem", "my/own", "posix/cpu"}, only({}));
  ASSERT_TRUE(isolation);
  EXPECT_THAT(isolation->isolators, ElementsAre("posix/mem", "my/own", "posix/cpu"));
}

TEST(Isolation, the_names_of_the_setup_guide_stand_for_sets) {
  EXPECT_THAT(isolation_of({"cgroups", "linux/nnp"}, only({}))->isolators,
              ElementsAre("cgroups/cpu", "cgroups/mem", "cgroups/pids", "linux/nnp"));
  EXPECT_THAT(isolation_of({"process"}, only({}))->isolators,
              ElementsAre("posix/cpu", "posix/mem"));
  EXPECT_THAT(isolation_of({}, only({}))->isolators, IsEmpty());
}

TEST(Isolation, auto_takes_the_best_that_works_and_says_what_does_not) {
  const auto here = only({"cgroups/cpu", "posix/cpu", "posix/mem"});
  const auto isolation = isolation_of({"auto"}, here);
  ASSERT_TRUE(isolation);
  EXPECT_THAT(isolation->isolators, ElementsAre("cgroups/cpu", "posix/mem"));
  EXPECT_THAT(isolation->passed_over,
              ElementsAre("isolator 'cgroups/mem' cannot work here: needs root",
                          "isolator 'cgroups/pids' cannot work here: needs root",
                          "isolator 'cgroups/io' cannot work here: needs root"));
  EXPECT_EQ(isolation_of({"auto"}, only({})).error().message, "no isolator works on this machine");
}

TEST(Isolation, what_contradicts_itself_is_refused) {
  EXPECT_EQ(isolation_of({"auto", "posix/cpu"}, only({})).error().message,
            "'auto' stands alone: it chooses all isolators");
  EXPECT_EQ(isolation_of({"cgroups/cpu", "cgroups"}, only({})).error().message,
            "isolator 'cgroups/cpu' is named twice");
}

}  // namespace
}  // namespace mesolite::daemon

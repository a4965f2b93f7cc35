// posix/rlimits, linux/capabilities, linux/nnp, user: what they ask of the launcher.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <unistd.h>

#include <limits>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "modules/isolators/linux-capabilities/linux_capabilities.hpp"
#include "modules/isolators/linux-nnp/linux_nnp.hpp"
#include "modules/isolators/posix-rlimits/posix_rlimits.hpp"
#include "modules/isolators/user/user.hpp"

namespace mesolite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

class ProcessLimits : public ::testing::Test {
 protected:
  template <class Class, class Parameters>
  std::unique_ptr<Isolator> make(const Parameters& parameters) {
    auto made = local_module<Isolator, Class>(parameters, host_);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  template <class Class, class Parameters>
  std::string refusal(const Parameters& parameters) {
    const auto made = local_module<Isolator, Class>(parameters, host_);
    return made ? "" : made.error().message;
  }

  testing::RecordingHost host_;
  ContainerContext container_;
};

using posix_rlimits::PosixRlimitsIsolator;

TEST_F(ProcessLimits, of_the_operator_hold_unless_the_container_has_its_own) {
  posix_rlimits::Parameters parameters;
  parameters.defaults = {"core=0", "nofile=100:200", "RLIMIT_STACK=unlimited"};
  const auto isolator = make<PosixRlimitsIsolator>(parameters);
  container_.spec.parameters = {{"rlimit.nofile", "50"}, {"other", "1"}};
  EXPECT_THAT(isolator->prepare(container_).value().rlimits,
              ElementsAre(Rlimit{"core", 0, 0}, Rlimit{"nofile", 50, 50},
                          Rlimit{"stack", unlimited, unlimited}));
}

TEST_F(ProcessLimits, of_a_container_may_not_exceed_what_the_operator_allows) {
  posix_rlimits::Parameters parameters;
  parameters.maxima = {"nofile=1000"};
  const auto isolator = make<PosixRlimitsIsolator>(parameters);
  EXPECT_THAT(isolator->prepare(container_).value().rlimits,
              ElementsAre(Rlimit{"core", 0, 0}, Rlimit{"nofile", 1000, 1000}));
  container_.spec.parameters = {{"rlimit.nofile", "10:2000"}};
  EXPECT_THAT(isolator->prepare(container_).error().message,
              HasSubstr("the container asks for an rlimit nofile of 2000, more than the 1000 that "
                        "this agent allows"));
}

TEST_F(ProcessLimits, that_are_none_are_refused_by_name) {
  posix_rlimits::Parameters parameters;
  parameters.defaults = {"nofiles=1"};
  EXPECT_THAT(refusal<PosixRlimitsIsolator>(parameters),
              HasSubstr("parameter 'defaults': there is no rlimit 'nofiles'"));
  for (const char* text : {"core", "core=", "core=x", "core=2:1", "core=1:2:3", "core=-1"}) {
    const auto limit = posix_rlimits::parse_rlimit(text);
    ASSERT_FALSE(limit) << text;
    EXPECT_THAT(limit.error().message, HasSubstr("' is no rlimit: expected 'NAME=SOFT:HARD'"));
  }
}

constexpr std::uint64_t bit(int capability) {
  return std::uint64_t{1} << capability;
}

using linux_capabilities::LinuxCapabilitiesIsolator;

TEST_F(ProcessLimits, capabilities_are_few_by_default_and_none_is_effective) {
  const auto contribution = make<LinuxCapabilitiesIsolator>(linux_capabilities::Parameters{})
                                ->prepare(container_)
                                .value();
  EXPECT_EQ(*contribution.capability_effective, 0u);
  EXPECT_NE(*contribution.capability_bounding & bit(CAP_CHOWN), 0u);
  for (const int dangerous : {CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_NET_RAW, CAP_SYS_MODULE,
                              CAP_DAC_READ_SEARCH, CAP_NET_ADMIN, CAP_BPF}) {
    EXPECT_EQ(*contribution.capability_bounding & bit(dangerous), 0u) << dangerous;
  }
}

TEST_F(ProcessLimits, a_container_may_ask_for_capabilities_within_the_bounding_set) {
  linux_capabilities::Parameters parameters;
  parameters.bounding = {"NET_BIND_SERVICE", "cap_kill"};
  const auto isolator = make<LinuxCapabilitiesIsolator>(parameters);
  container_.spec.parameters["capabilities"] = "KILL, CAP_NET_BIND_SERVICE";
  EXPECT_EQ(isolator->prepare(container_).value().capability_effective,
            bit(CAP_KILL) | bit(CAP_NET_BIND_SERVICE));
  container_.spec.parameters["capabilities"] = "SYS_ADMIN";
  EXPECT_THAT(isolator->prepare(container_).error().message,
              HasSubstr("asks for capabilities 'SYS_ADMIN', of which this agent allows some to "
                        "nobody"));
  container_.spec.parameters["capabilities"] = "FLY";
  EXPECT_THAT(isolator->prepare(container_).error().message,
              HasSubstr("there is no capability 'FLY'"));
  parameters.effective = {"SYS_ADMIN"};
  EXPECT_THAT(refusal<LinuxCapabilitiesIsolator>(parameters),
              HasSubstr("'effective' holds a capability that is not in 'bounding'"));
}

TEST_F(ProcessLimits, no_new_privileges_holds_for_everybody) {
  EXPECT_EQ(
      make<linux_nnp::LinuxNnpIsolator>(Nothing{})->prepare(container_).value().no_new_privileges,
      true);
}

using user::UserIsolator;

TEST_F(ProcessLimits, who_would_be_root_is_nobody_and_has_no_groups) {
  const auto isolator = make<UserIsolator>(user::Parameters{});
  container_.user = "root";
  const auto contribution = isolator->prepare(container_).value();
  EXPECT_EQ(contribution.user, "nobody");
  EXPECT_TRUE(contribution.without_groups);
  container_.user = "daemon";
  EXPECT_EQ(isolator->prepare(container_).value().user, "");
  container_.user.clear();  // the agent's own
  EXPECT_EQ(isolator->prepare(container_).value().user, ::geteuid() == 0 ? "nobody" : "");
}

TEST_F(ProcessLimits, a_trusted_framework_may_be_root_and_keep_its_groups) {
  user::Parameters parameters;
  parameters.root_allowed = {"F1"};
  parameters.keep_groups = true;
  const auto isolator = make<UserIsolator>(parameters);
  container_.user = "root";
  container_.framework_id = FrameworkId("F1");
  EXPECT_EQ(isolator->prepare(container_).value(), unattended());
  container_.framework_id = FrameworkId("F2");
  EXPECT_EQ(isolator->prepare(container_).value().user, "nobody");
}

TEST_F(ProcessLimits, users_that_are_none_or_root_are_refused) {
  EXPECT_THAT(refusal<UserIsolator>(user::Parameters{.user = "noone-at-all"}),
              HasSubstr("parameter 'user': there is no user 'noone-at-all'"));
  EXPECT_THAT(refusal<UserIsolator>(user::Parameters{.user = "root"}),
              HasSubstr("parameter 'user': 'root' is root"));
}

TEST_F(ProcessLimits, conform_through_the_border) {
  const auto rlimits = [&] { return make<PosixRlimitsIsolator>(posix_rlimits::Parameters{}); };
  const auto capabilities = [&] {
    return make<LinuxCapabilitiesIsolator>(linux_capabilities::Parameters{});
  };
  const auto nnp = [&] { return make<linux_nnp::LinuxNnpIsolator>(Nothing{}); };
  const auto users = [&] { return make<UserIsolator>(user::Parameters{}); };
  EXPECT_THAT(testing::isolator_violations(rlimits), IsEmpty());
  EXPECT_THAT(testing::isolator_violations(capabilities), IsEmpty());
  EXPECT_THAT(testing::isolator_violations(nnp), IsEmpty());
  EXPECT_THAT(testing::isolator_violations(users), IsEmpty());
}

}  // namespace
}  // namespace mesolite

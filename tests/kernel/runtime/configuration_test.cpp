#include <gtest/gtest.h>

#include <fstream>

#include "kernel/runtime/agent_configuration.hpp"
#include "kernel/runtime/machine_facts.hpp"
#include "kernel/runtime/master_configuration.hpp"
#include "mesolite/base/guarded_file.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::runtime {
namespace {

Resources resources(const std::string& text) {
  return Resources::parse(text).value();
}

TEST(MachineFacts, this_machine_has_something_of_everything) {
  const Resources measured = measured_resources("/tmp");
  EXPECT_GE(measured.plain(Scalar::cpus), 1000);
  EXPECT_GT(measured.plain(Scalar::mem), 0);
  EXPECT_GT(measured.plain(Scalar::disk), 0);
  EXPECT_EQ(measured.ranges("ports").to_text(), "[31000-32000]");
}

TEST(MachineFacts, what_is_given_wins_and_what_is_left_out_is_measured) {
  const Resources measured = resources("cpus:8;mem:1000;disk:500;ports:[31000-32000]");
  const auto completed = [&](const std::string& given) {
    return agent_resources(given, "*", measured).value();
  };
  EXPECT_EQ(completed(""), measured);
  EXPECT_EQ(completed("cpus:2;ports:[1-5]"), resources("cpus:2;mem:1000;disk:500;ports:[1-5]"));
  EXPECT_EQ(completed("disk:0;gpus:1"), resources("cpus:8;mem:1000;gpus:1;ports:[31000-32000]"));
  EXPECT_EQ(completed("cpus(web):3").scalar("cpus"), 3000) << "named is given, whatever its role";
}

TEST(MachineFacts, what_nobody_reserves_belongs_to_the_default_role) {
  const Resources measured = resources("cpus:8;mem:1000;disk:500;ports:[31000-32000]");
  const auto completed = agent_resources("cpus:2", "web", measured);
  EXPECT_EQ(completed.value().reserved_to("web"), *completed);
}

TEST(MachineFacts, resources_that_cannot_be_read_are_quoted_as_given) {
  const auto refused = agent_resources("cpus:x", "*", {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("'cpus:x'"), std::string::npos) << refused.error().message;
}

TEST(Weights, are_read_and_wrong_ones_named) {
  const std::map<std::string, double> expected{{"a", 2.0}, {"eng/web", 0.5}};
  EXPECT_EQ(parse_weights({"a=2", "eng/web=0.5"}).value(), expected);
  for (const char* wrong : {"a", "a=", "a=0", "a=-1", "a=nan", "a=inf", "a=1x", "=1", "../x=1"}) {
    const auto refused = parse_weights({wrong});
    ASSERT_FALSE(refused) << wrong;
    EXPECT_TRUE(refused.error().message.starts_with("--weights: ")) << refused.error().message;
  }
  EXPECT_FALSE(parse_weights({"a=1", "a=2"}));
}

TEST(RateLimit, is_a_count_in_a_time) {
  EXPECT_EQ(parse_rate_limit("").value(), 0s);
  EXPECT_EQ(parse_rate_limit("1/20mins").value(), 20min);
  EXPECT_EQ(parse_rate_limit(" 10 / 1secs ").value(), 100ms);
  for (const char* wrong :
       {"1", "/1secs", "0/1secs", "-1/1secs", "x/1secs", "1/", "1/x", "2/1ns"}) {
    EXPECT_FALSE(parse_rate_limit(wrong)) << wrong;
  }
  auto options = config::default_master_options();
  options.agent_removal_rate_limit = "often";
  EXPECT_EQ(master_configuration(options, {}).error().message,
            "--agent_removal_rate_limit: expected count/duration, as 1/20mins, got 'often'");
}

TEST(MinimumAllocatable, is_any_of_several_amounts) {
  const std::vector<Resources> either{resources("cpus:0.01"), resources("mem:32;disk:1")};
  EXPECT_EQ(parse_minimum_allocatable("cpus:0.01|mem:32;disk:1").value(), either);
  EXPECT_TRUE(parse_minimum_allocatable("").value().empty());
  for (const char* wrong : {"cpus", "cpus:x", "cpus:1|", "mem:0"}) {
    const auto refused = parse_minimum_allocatable(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_TRUE(refused.error().message.starts_with("--min_allocatable_resources: "));
  }
}

TEST(Ports, of_the_bus_follow_the_http_port) {
  EXPECT_EQ(bus_port(5050, 0).value(), 6050);
  EXPECT_EQ(bus_port(5050, 7000).value(), 7000);
  EXPECT_EQ(bus_port(0, 0).value(), 0);
  EXPECT_FALSE(bus_port(65000, 0));
}

TEST(Address, that_others_are_told_can_be_connected_to) {
  EXPECT_EQ(advertised_ip("10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(advertised_ip("0.0.0.0", ""), "127.0.0.1");
  EXPECT_EQ(advertised_ip("0.0.0.0", "10.0.0.2"), "10.0.0.2");
}

TEST(Credential, is_the_first_line_that_is_no_comment) {
  const harness::Scratch scratch;
  ASSERT_TRUE(write_secret_file(scratch / "credential", "# who we are\n\n agent-7   secret!\n"));
  const auto credential = read_credential(scratch / "credential");
  EXPECT_EQ(credential.value().principal, "agent-7");
  EXPECT_EQ(credential->secret, "secret!");
  EXPECT_EQ(read_credential("").value().principal, "");
}

TEST(Credential, that_cannot_be_used_is_refused_without_telling_it) {
  const harness::Scratch scratch;
  ASSERT_TRUE(write_secret_file(scratch / "credential", "one two three\n"));
  const auto refused = read_credential(scratch / "credential");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("two"), std::string::npos);
  EXPECT_FALSE(read_credential(scratch / "missing"));
}

TEST(Credential, that_others_can_read_is_refused) {
  const harness::Scratch scratch;
  ASSERT_TRUE(write_secret_file(scratch / "credential", "agent-7 secret\n"));
  std::filesystem::permissions(scratch / "credential", std::filesystem::perms(0640));
  const auto refused = read_credential(scratch / "credential");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("is open to other users"), std::string::npos);
}

TEST(MasterConfiguration, carries_the_flags_over) {
  auto options = config::default_master_options();
  options.weights = {"a=3"};
  options.agent_ping_timeout = 7s;
  options.authenticators = "shared-secret";
  const auto configuration = master_configuration(options, {});
  ASSERT_TRUE(configuration);
  EXPECT_EQ(configuration->agent_ping_timeout, 7s);
  EXPECT_EQ(configuration->weights.at("a"), 3.0);
  EXPECT_EQ(configuration->mechanisms, std::vector<std::string>{"shared-secret"});
  EXPECT_NE(configuration->seed, 0u);
}

}  // namespace
}  // namespace mesolite::runtime

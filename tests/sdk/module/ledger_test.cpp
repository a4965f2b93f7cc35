#include "mesolite/module/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mesolite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Resources resources(const char* text) {
  return Resources::parse(text).value();
}

std::vector<Ledger::Index> members(const IndexSet& set) {
  std::vector<Ledger::Index> result;
  set.for_each([&](Ledger::Index index) { result.push_back(index); });
  return result;
}

TEST(IndexSet, is_a_set) {
  IndexSet set;
  EXPECT_TRUE(set.empty());
  for (const Ledger::Index index : {3u, 64u, 200u}) set.insert(index);
  set.erase(64);
  set.erase(5000);
  EXPECT_TRUE(set.contains(200));
  EXPECT_FALSE(set.contains(64));
  EXPECT_EQ(set.count(), 2u);
  IndexSet other;
  other.insert(3);
  EXPECT_TRUE(set.intersects(other));
  set -= other;
  EXPECT_FALSE(set.intersects(other));
  set |= other;
  EXPECT_THAT(members(set), ElementsAre(3, 200));
  set &= other;
  EXPECT_THAT(members(set), ElementsAre(3));
}

class Refusing : public ::testing::Test {
 protected:
  std::vector<Ledger::Index> left(const char* offered) {
    IndexSet clients;
    for (Ledger::Index client = 0; client < 3; ++client) clients.insert(client);
    refusals_.remove_refusing(resources(offered), clients);
    return members(clients);
  }
  int expire(Time now) {
    int ended = 0;
    refusals_.expire(
        now, [&](Ledger::Index client) { return generations_[client]; },
        [&](Ledger::Index) { ++ended; });
    return ended;
  }

  Refusals refusals_;
  std::uint32_t generations_[3] = {};
};

TEST_F(Refusing, the_same_or_less_is_refused_until_its_time) {
  refusals_.add(1, 0, resources("cpus:2;mem:100"), Time(10s));
  EXPECT_THAT(left("cpus:2;mem:100"), ElementsAre(0, 2));
  EXPECT_THAT(left("cpus:1;mem:100"), ElementsAre(0, 2));
  EXPECT_THAT(left("cpus:3;mem:100"), ElementsAre(0, 1, 2));
  EXPECT_EQ(refusals_.next_expiry(), Time(10s));
  EXPECT_EQ(expire(Time(9s)), 0);
  EXPECT_EQ(expire(Time(10s)), 1);
  EXPECT_THAT(left("cpus:2;mem:100"), ElementsAre(0, 1, 2));
  EXPECT_EQ(refusals_.next_expiry(), std::nullopt);
}

TEST_F(Refusing, refusing_again_prolongs_and_never_shortens) {
  EXPECT_TRUE(refusals_.add(1, 0, resources("cpus:2"), Time(10s)));
  EXPECT_FALSE(refusals_.add(1, 0, resources("cpus:2"), Time(30s)));
  EXPECT_FALSE(refusals_.add(1, 0, resources("cpus:2"), Time(20s)));
  EXPECT_EQ(expire(Time(29s)), 0);
  EXPECT_EQ(expire(Time(30s)), 1);
}

TEST_F(Refusing, the_end_of_a_withdrawn_refusal_does_not_end_a_later_one) {
  refusals_.add(1, 0, resources("cpus:2"), Time(10s));
  EXPECT_EQ(refusals_.withdraw(1), 1u);
  EXPECT_THAT(left("cpus:2"), ElementsAre(0, 1, 2));
  generations_[1] = 1;
  refusals_.add(1, 1, resources("cpus:2"), Time(20s));
  EXPECT_EQ(expire(Time(10s)), 0);
  EXPECT_THAT(left("cpus:2"), ElementsAre(0, 2));
  EXPECT_EQ(expire(Time(20s)), 1);
}

// Agent 1 with 4 CPUs, framework 1 in role 1.
class LedgerBook : public ::testing::Test {
 protected:
  LedgerBook() {
    RoleState role;
    role.handle = {1};
    role.name = "role1";
    request_.changes.roles = {role};
    agent(1, "cpus:4;mem:400");
    framework(1);
    EXPECT_THAT(apply(), IsEmpty());
  }
  void agent(std::uint64_t handle, const char* total) {
    AgentState state;
    state.handle = {handle};
    state.total = resources(total);
    request_.changes.agents.push_back(state);
  }
  void framework(std::uint64_t handle) {
    FrameworkState state;
    state.handle = {handle};
    state.roles = {RoleHandle{1}};
    request_.changes.frameworks.push_back(state);
  }
  Holding holding(const char* text, std::uint64_t framework = 1) {
    return {{framework}, {1}, {1}, resources(text)};
  }
  std::vector<std::string> apply() {
    auto problems = ledger_.apply(request_);
    request_.changes = {};
    return problems;
  }

  AllocateRequest request_;
  Ledger ledger_;
};

TEST_F(LedgerBook, free_is_total_less_what_is_held) {
  ledger_.allocate(0, 0, resources("cpus:1;mem:100"));
  EXPECT_EQ(ledger_.agent(0).free, resources("cpus:3;mem:300"));
  EXPECT_EQ(ledger_.client(0).held.of("cpus"), 1000);
  request_.changes.released = {{holding("cpus:1"), std::nullopt}};
  EXPECT_THAT(apply(), IsEmpty());
  EXPECT_EQ(ledger_.agent(0).free, resources("cpus:4;mem:300"));
}

TEST_F(LedgerBook, an_agent_is_touched_by_its_changes_and_once) {
  EXPECT_THAT(members(ledger_.take_touched()), ElementsAre(0));
  EXPECT_THAT(members(ledger_.take_touched()), IsEmpty());
  agent(2, "cpus:1");
  apply();
  EXPECT_THAT(members(ledger_.take_touched()), ElementsAre(1));
  framework(2);
  apply();
  EXPECT_THAT(members(ledger_.take_touched()), ElementsAre(0, 1));
}

TEST_F(LedgerBook, what_does_not_fit_is_left_out_and_said) {
  request_.changes.released = {{holding("cpus:1"), std::nullopt}};
  request_.changes.held = {{{1}, {1}, {77}, resources("cpus:1")}};
  const auto problems = apply();
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_THAT(problems[0], HasSubstr("agent 77, which was never told of"));
  EXPECT_THAT(problems[1], HasSubstr("releases cpus:1 on agent 1, which it does not hold"));
  EXPECT_EQ(ledger_.agent(0).free, resources("cpus:4;mem:400"));
}

TEST_F(LedgerBook, what_a_framework_not_yet_back_holds_is_not_free) {
  request_.changes.held = {holding("cpus:3;mem:300", 9)};
  EXPECT_THAT(apply(), IsEmpty());
  EXPECT_EQ(ledger_.agent(0).free, resources("cpus:1;mem:100"));
  IndexSet candidates;
  ledger_.candidates(0, candidates);
  EXPECT_THAT(members(candidates), ElementsAre(0));
  framework(9);
  apply();
  ledger_.candidates(0, candidates);
  EXPECT_THAT(members(candidates), ElementsAre(0, 1));
}

TEST_F(LedgerBook, an_agent_that_shrinks_below_what_is_held_has_nothing_free_until_it_fits) {
  ledger_.allocate(0, 0, resources("cpus:3;mem:100"));
  agent(1, "cpus:2;mem:400");
  apply();
  EXPECT_EQ(ledger_.agent(0).free, resources("mem:300"));
  request_.changes.released = {{holding("cpus:2"), std::nullopt}};
  apply();
  EXPECT_EQ(ledger_.agent(0).free, resources("cpus:1;mem:300"));
}

TEST_F(LedgerBook, a_removed_agent_takes_what_was_held_with_it) {
  ledger_.allocate(0, 0, resources("cpus:3"));
  request_.changes.agents_removed = {AgentHandle{1}};
  apply();
  EXPECT_EQ(ledger_.client(0).held.of("cpus"), 0);
  EXPECT_EQ(ledger_.total().of("cpus"), 0);
  EXPECT_THAT(members(ledger_.take_touched()), IsEmpty());
}

TEST_F(LedgerBook, a_framework_that_leaves_a_role_keeps_its_place_while_it_holds_something) {
  ledger_.allocate(0, 0, resources("cpus:3"));
  FrameworkState state;
  state.handle = {1};
  request_.changes.frameworks = {state};
  apply();
  EXPECT_TRUE(ledger_.client(0).exists);
  IndexSet candidates;
  ledger_.candidates(0, candidates);
  EXPECT_TRUE(candidates.empty());
  request_.changes.released = {{holding("cpus:3"), std::nullopt}};
  apply();
  EXPECT_FALSE(ledger_.client(0).exists);
}

TEST_F(LedgerBook, a_number_is_used_again_only_after_its_news_could_be_read) {
  request_.changes.frameworks_removed = {FrameworkHandle{1}};
  framework(2);
  apply();
  EXPECT_FALSE(ledger_.client(0).exists);
  EXPECT_TRUE(ledger_.client(1).exists);
  framework(3);
  apply();
  EXPECT_TRUE(ledger_.client(0).exists);
}

TEST_F(LedgerBook, ten_thousand_refusals_end_in_their_order) {
  for (std::uint64_t handle = 2; handle <= 100; ++handle) framework(handle);
  apply();
  request_.now = Time(1s);
  for (std::uint64_t handle = 1; handle <= 100; ++handle) {
    for (int i = 1; i <= 100; ++i) {
      const Resources part(Scalars{i, 0, 0, 0});
      request_.changes.held.push_back({{handle}, {1}, {1}, part});
      request_.changes.released.push_back({{{handle}, {1}, {1}, part}, Time(1s * (1 + i))});
    }
  }
  EXPECT_THAT(apply(), IsEmpty());
  for (int second = 2; second <= 101; ++second) {
    EXPECT_EQ(ledger_.next_deadline(), Time(1s * second));
    request_.now = Time(1s * second);
    apply();
  }
  EXPECT_EQ(ledger_.next_deadline(), std::nullopt);
  EXPECT_EQ(ledger_.client(0).refusals, 0u);
}

}  // namespace
}  // namespace mesolite

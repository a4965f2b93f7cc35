// Defends what an operator is told of why a framework is offered nothing: the allocator's reasons
// in words, never an empty answer, and what the master knows where the allocator says nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/master/explain.hpp"
#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A master whose allocator is the test itself: an agent, a framework and an operator are there.
class ExplainDialogue : public ::testing::Test {
 protected:
  void SetUp() override {
    greet(agent, PeerRole::agent);
    greet(scheduler, PeerRole::scheduler);
    greet(asker, PeerRole::operator_client);
    RegisterAgent request;
    request.agent.resources = resources("cpus:4;mem:1024");
    step(master::Received{agent, request});
    Subscribe subscribe;
    subscribe.framework.name = "hungry";
    step(master::Received{scheduler, subscribe});
  }

  void greet(PeerId peer, PeerRole role) {
    Hello hello;
    hello.role = role;
    hello.mechanism = "none";
    step(master::Received{peer, hello});
    AuthenticationAnswer answer;
    answer.state = AuthenticationState::accepted;
    step(master::Authenticated{peer, answer});
  }

  void step(master::Input input) { machine.step(world_start, std::move(input), outbox); }

  // What the allocator is asked, if it is.
  std::optional<master::Explain> ask(const ExplainOffers& question) {
    outbox.clear();
    step(master::Received{asker, question});
    std::optional<master::Explain> asked;
    for (const master::Output& output : outbox) {
      if (const auto* explain = std::get_if<master::Explain>(&output)) asked = *explain;
    }
    return asked;
  }

  // The answer that has come by the end of the turn, if one has.
  std::optional<OperatorAnswer> answer() {
    machine.advance(world_start, outbox);
    for (const master::Output& output : outbox) {
      const auto* send = std::get_if<master::Send>(&output);
      if (send == nullptr || send->peer != asker) continue;
      if (const auto* told = std::get_if<OperatorAnswer>(&send->message)) return *told;
    }
    return std::nullopt;
  }

  std::string error(const ExplainOffers& question) {
    EXPECT_FALSE(ask(question));
    const auto told = answer();
    return told ? told->error : "no answer";
  }

  master::Master machine{world_configuration(), world_start};
  master::Outbox outbox;
  const PeerId agent{1};
  const PeerId scheduler{2};
  const PeerId asker{3};
};

TEST_F(ExplainDialogue, the_reasons_of_the_allocator_are_told_with_their_agents) {
  const auto asked = ask({7, "hungry", "*", resources("cpus:8")});
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->request.wants, resources("cpus:8"));
  EXPECT_EQ(asked->request.roles, std::vector<RoleHandle>{RoleHandle{1}});
  EXPECT_FALSE(answer());  // the allocator has not said anything yet
  ExplainAnswer reasons;
  reasons.roles = {{RoleHandle{1}, {{1, "lack cpus: wants 8, best has 4"}}}};
  step(master::Explained{asked->number, reasons});
  const auto told = answer();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->request, 7u);
  EXPECT_EQ(told->error, "");
  EXPECT_EQ(told->text,
            "framework c-F1 (hungry): connected, 0 offers not answered yet, 0 tasks; agents: 1, of "
            "which 1 are connected\n"
            "wanted of one agent: cpus:8\n"
            "role *, agents by why they are not offered:\n"
            "        1 lack cpus: wants 8, best has 4");
}

TEST_F(ExplainDialogue, agents_that_the_allocator_passes_over_are_named_as_such) {
  const auto asked = ask({1, "c-F1", "", {}});
  ASSERT_TRUE(asked);
  step(master::Explained{asked->number, ExplainAnswer{{{RoleHandle{1}, {}}, {RoleHandle{9}, {}}}}});
  EXPECT_THAT(answer().value().text, HasSubstr("\n        1 of which the allocator says nothing"));
}

TEST_F(ExplainDialogue, where_the_allocator_says_nothing_the_master_says_what_it_knows) {
  const auto asked = ask({1, "c-F1", "", {}});
  ASSERT_TRUE(asked);
  step(master::Explained{asked->number, failure("this allocator has no method 2")});
  EXPECT_THAT(answer().value().text,
              HasSubstr("\nrole *: offers are wanted\n"
                        "the allocator does not say more: this allocator has no method 2"));
  step(master::Received{scheduler, Suppress{}});
  const auto again = ask({2, "c-F1", "", {}});
  ASSERT_TRUE(again);
  step(master::Explained{again->number, ExplainAnswer{}});
  EXPECT_THAT(answer().value().text, HasSubstr("role *: suppressed by the framework"));
}

TEST_F(ExplainDialogue, what_cannot_be_asked_is_refused_by_name) {
  EXPECT_EQ(error({1, "nobody", "", {}}), "framework: 'nobody' names no framework");
  EXPECT_EQ(error({1, "hungry", "eng", {}}), "role: the framework is not in 'eng'");
  Resources wants;
  wants.set_plain(Scalar::cpus, -1);
  EXPECT_EQ(error({1, "hungry", "", wants}), "wants: cpus is negative");
  const PeerId twin{4};
  greet(twin, PeerRole::scheduler);
  Subscribe subscribe;
  subscribe.framework.name = "hungry";
  step(master::Received{twin, subscribe});
  EXPECT_EQ(error({1, "hungry", "", {}}), "framework: 'hungry' is the name of several; say the id");
}

TEST_F(ExplainDialogue, a_framework_that_ends_meanwhile_and_a_stray_answer_harm_nobody) {
  const auto asked = ask({1, "c-F1", "", {}});
  ASSERT_TRUE(asked);
  step(master::Received{scheduler, Teardown{}});
  step(master::Explained{asked->number, ExplainAnswer{}});
  EXPECT_EQ(answer().value().error, "framework: it has ended meanwhile");
  outbox.clear();
  step(master::Explained{asked->number, ExplainAnswer{}});
  EXPECT_FALSE(answer());
}

TEST_F(ExplainDialogue, questions_that_wait_are_limited) {
  for (std::size_t i = 0; i < master::explanations_waiting_max; ++i) {
    ASSERT_TRUE(ask({i, "c-F1", "", {}}));
  }
  EXPECT_THAT(error({1, "c-F1", "", {}}),
              StartsWith("the allocator has not answered 1000 earlier"));
}

}  // namespace
}  // namespace mesolite::testing

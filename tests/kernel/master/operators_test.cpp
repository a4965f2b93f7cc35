// Defends what operators ask of the master: each request has one answer, wrong ones change nothing.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernel/master/durable.hpp"
#include "tests/kernel/master/world.hpp"

namespace mesolite::testing {
namespace {

TEST(Operators, an_answer_repeats_the_number_of_its_request) {
  World world;
  SetWeights request;
  request.request = 17;
  EXPECT_EQ(world.ask(request).request, 17u);
  request.request = 18;
  request.weights = {{"", 1}};
  EXPECT_EQ(world.ask(request).request, 18u);
}

TEST(Operators, a_framework_that_is_torn_down_is_over_with_all_it_runs) {
  World world;
  const auto agent = world.add_agent("cpus:4");
  FrameworkInfo info;
  info.failover_timeout = 1h;
  const auto framework = world.add_framework(info);
  world.launch(framework, world.take_offer(framework.peer), {task_launch("t", "cpus:1")});
  const OperatorAnswer answer = world.ask(TeardownFramework{1, FrameworkId(framework.id)});
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.text, "framework c-F1 is torn down");
  EXPECT_EQ(world.take<ShutdownFramework>(agent.peer).framework_id.value, framework.id);
  EXPECT_EQ(world.ask(TeardownFramework{2, FrameworkId(framework.id)}).error,
            "framework_id: 'c-F1' names no framework");
}

TEST(Operators, who_left_is_not_answered) {
  World world;
  const PeerId peer = world.connect(PeerRole::operator_client);
  world.say(peer, SetWeights{1, {{"eng", 2}}});
  world.lose(peer);
  world.say(world.connect(PeerRole::operator_client), SetWeights{});
}

TEST(Operators, an_answer_comes_after_what_must_be_durable) {
  World world;
  const PeerId peer = world.connect(PeerRole::operator_client);
  master::Outbox outbox;
  world.machine().step(world.now(), master::Received{peer, SetWeights{1, {{"eng", 2}}}}, outbox);
  world.machine().advance(world.now(), outbox);
  const auto persist = std::find_if(outbox.begin(), outbox.end(), [](const auto& output) {
    return std::holds_alternative<master::Persist>(output);
  });
  const auto answer = std::find_if(outbox.begin(), outbox.end(), [](const auto& output) {
    const auto* send = std::get_if<master::Send>(&output);
    return send != nullptr && std::holds_alternative<OperatorAnswer>(send->message);
  });
  ASSERT_NE(answer, outbox.end());
  EXPECT_LT(persist, answer);
}

// ---- weights
// -------------------------------------------------------------------------------------

TEST(Weights, are_kept_told_and_durable) {
  World world;
  EXPECT_EQ(world.ask(SetWeights{}).text, "every role weighs 1");
  const SetWeights request{1, {{"eng/web", 2.5}, {"ops", 0.5}}};
  EXPECT_EQ(world.ask(request).text, "eng/web=2.5\nops=0.5\nevery other role weighs 1");
  const auto kept = decode<master::DurableWeight>(world.registry().at("weights/eng/web"));
  EXPECT_EQ(kept.value().weight, 2.5);
  world.ask(SetWeights{2, {{"ops", 1}}});
  EXPECT_EQ(world.ask(SetWeights{}).text, "eng/web=2.5\nevery other role weighs 1");
  EXPECT_TRUE(world.registry().contains("weights/ops")) << "1 may differ from the flag's";
}

TEST(Weights, that_cannot_be_are_named_and_none_of_the_request_is_set) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<RoleWeight, std::string>> wrongs = {
      {{"", 1}, "weights[1]: role: "},
      {{"a/../b", 1}, "weights[1]: role: "},
      {{"fine", 2}, "weights[1]: role: 'fine' stands twice"},
      {{"b", 0}, "weights[1]: weight: is 0"},
      {{"b", -1}, "weights[1]: weight: is -1"},
      {{"b", infinity}, "weights[1]: weight: is inf"},
      {{"b", std::nan("")}, "weights[1]: weight: is nan"},
  };
  World world;
  for (const auto& [wrong, named] : wrongs) {
    const OperatorAnswer answer = world.ask(SetWeights{1, {{"fine", 2}, wrong}});
    EXPECT_EQ(answer.error.find(named), 0u) << answer.error;
    EXPECT_EQ(world.ask(SetWeights{}).text, "every role weighs 1");
    EXPECT_TRUE(world.registry().empty());
  }
}

}  // namespace
}  // namespace mesolite::testing

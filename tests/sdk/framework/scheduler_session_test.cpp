#include "sdk/src/framework/scheduler_session.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sdk/framework/outputs.hpp"

namespace mesolite {
namespace {

class FakeAuthentication final : public ClientAuthentication {
 public:
  Result<Bytes> start() override { return Bytes("first token"); }
  Result<Bytes> answer(const Bytes& challenge) override {
    if (challenge.view() == "bad") return failure("the server is an impostor");
    return Bytes("answer to " + challenge.data);
  }
  Status check_server() const override { return server; }

  Status server;
};

MasterInfo master_of(std::uint64_t epoch, const std::string& cluster = "c") {
  MasterInfo master;
  master.epoch = epoch;
  master.cluster = cluster;
  return master;
}

TaskInfo task_named(const std::string& id) {
  TaskInfo task;
  task.id = TaskId(id);
  task.agent_id = AgentId("A1");
  return task;
}

TaskStatus status_of(const std::string& id, std::uint64_t sequence) {
  TaskStatus status;
  status.task_id = TaskId(id);
  status.agent_id = AgentId("A1");
  status.state = TaskState::running;
  status.update_id = {1, sequence};
  return status;
}

class SchedulerSessionTest : public testing::Test {
 protected:
  using Taken = Outputs<SchedulerOutput, SchedulerCallback>;

  static SchedulerOptions options() {
    SchedulerOptions options;
    options.framework.name = "test";
    options.authenticator = "fake";
    options.principal = "alice";
    return options;
  }

  Taken take() { return Taken(session_.take()); }

  // From the start, or from a lost link, to where the master's answer is awaited.
  void connect() {
    if (session_.phase() == SchedulerPhase::idle) session_.start();
    if (session_.phase() == SchedulerPhase::waiting) {
      now_ = session_.next_deadline().value();
      session_.advance(now_);
    }
    session_.located(now_, std::string("tcp://master:1"));
    session_.connected(now_);
  }
  void subscribe(std::uint64_t epoch = 1) {
    connect();
    session_.received(now_, Welcome{"alice", master_of(epoch)});
    session_.received(now_, Subscribed{FrameworkId("F1"), master_of(epoch), false});
    session_.take();
    ASSERT_EQ(session_.phase(), SchedulerPhase::subscribed);
  }

  FakeAuthentication authentication_;
  SchedulerSession session_{options(), authentication_, 1};
  Time now_{1000s};
};

TEST_F(SchedulerSessionTest, finds_greets_and_subscribes) {
  session_.start();
  EXPECT_TRUE(take().has<Locate>());
  session_.located(now_, std::string("tcp://master:1"));
  EXPECT_EQ(take().only<Connect>().endpoint, "tcp://master:1");
  session_.connected(now_);
  const auto hello = take().sent<Hello>().at(0);
  EXPECT_EQ(hello.role, PeerRole::scheduler);
  EXPECT_EQ(hello.mechanism, "fake");
  EXPECT_EQ(hello.principal, "alice");
  EXPECT_EQ(hello.data, Bytes("first token"));
  session_.received(now_, Challenge{Bytes("riddle")});
  EXPECT_EQ(take().sent<ChallengeResponse>().at(0).data, Bytes("answer to riddle"));
  session_.received(now_, Welcome{"alice", master_of(3)});
  const auto welcomed = take();
  EXPECT_EQ(welcomed.sent<Subscribe>().at(0).framework.id, FrameworkId());
  EXPECT_EQ(welcomed.only<FollowEpoch>().epoch, 3u);
  session_.received(now_, Subscribed{FrameworkId("F1"), master_of(3), false});
  EXPECT_EQ(take().called<Registered>().at(0).framework_id, FrameworkId("F1"));
}

TEST_F(SchedulerSessionTest, comes_back_with_its_id_after_a_loss) {
  subscribe();
  session_.disconnected(now_);
  const auto lost = take();
  EXPECT_EQ(lost.called<Disconnected>().size(), 1u);
  EXPECT_TRUE(lost.has<CloseLink>());
  connect();
  session_.received(now_, Welcome{"alice", master_of(1)});
  EXPECT_EQ(take().sent<Subscribe>().at(0).framework.id, FrameworkId("F1"));
  session_.received(now_, Subscribed{FrameworkId("F1"), master_of(1), true});
  const auto back = take();
  EXPECT_EQ(back.called<Reregistered>().size(), 1u);
  EXPECT_TRUE(back.called<Registered>().empty());
}

TEST_F(SchedulerSessionTest, never_gives_up_looking_and_waits_at_most_five_seconds) {
  session_.start();
  Duration longest{0};
  for (int i = 0; i < 200; ++i) {
    session_.located(now_, failure("no route"));
    const Time again = session_.next_deadline().value();
    longest = std::max<Duration>(longest, again - now_);
    now_ = again;
    session_.advance(now_);
    ASSERT_TRUE(take().has<Locate>());
  }
  EXPECT_GT(longest, 3s);
  EXPECT_LE(longest, 5s);
}

TEST_F(SchedulerSessionTest, asks_again_when_the_master_does_not_answer_a_subscription) {
  connect();
  session_.received(now_, Welcome{"alice", master_of(1)});
  take();
  now_ = session_.next_deadline().value();
  session_.advance(now_);
  EXPECT_EQ(take().sent<Subscribe>().size(), 1u);
  EXPECT_EQ(session_.phase(), SchedulerPhase::subscribing);
}

TEST_F(SchedulerSessionTest, leaves_a_master_that_does_not_greet_back) {
  connect();
  now_ = session_.next_deadline().value();
  take();
  session_.advance(now_);
  EXPECT_TRUE(take().has<CloseLink>());
  EXPECT_EQ(session_.phase(), SchedulerPhase::waiting);
}

TEST_F(SchedulerSessionTest, a_master_of_an_older_epoch_is_left) {
  subscribe(7);
  session_.disconnected(now_);
  connect();
  session_.received(now_, Welcome{"alice", master_of(6)});
  EXPECT_EQ(session_.phase(), SchedulerPhase::waiting);
}

TEST_F(SchedulerSessionTest, a_master_of_another_cluster_is_an_error_that_names_both) {
  subscribe(7);
  session_.disconnected(now_);
  connect();
  take();
  session_.received(now_, Welcome{"alice", master_of(8, "another")});
  const std::string problem = take().called<Failed>().at(0).message;
  EXPECT_NE(problem.find("leads cluster 'another', but framework"), std::string::npos) << problem;
  EXPECT_NE(problem.find("is of cluster 'c'"), std::string::npos) << problem;
  EXPECT_EQ(session_.phase(), SchedulerPhase::ended);
}

TEST_F(SchedulerSessionTest, follows_a_refusal_to_the_leader) {
  connect();
  take();
  session_.received(now_, Refused{"not the leader", "tcp://leader:2"});
  EXPECT_EQ(take().only<Connect>().endpoint, "tcp://leader:2");
}

TEST_F(SchedulerSessionTest, masters_that_name_each_other_are_not_asked_in_a_busy_circle) {
  connect();
  int followed = 0;
  while (session_.phase() == SchedulerPhase::greeting) {
    session_.received(now_, Refused{"not the leader", "tcp://other:2"});
    ++followed;
    session_.connected(now_);
  }
  EXPECT_LE(followed, 5);
  EXPECT_EQ(session_.phase(), SchedulerPhase::waiting);
}

TEST_F(SchedulerSessionTest, a_framework_that_never_ran_reports_why_it_is_refused) {
  for (int i = 0; i < 3; ++i) {
    connect();
    session_.take();
    session_.received(now_, Refused{"authentication of 'alice' was refused", ""});
  }
  const auto ended = take();
  EXPECT_EQ(ended.called<Failed>().at(0).message, "authentication of 'alice' was refused");
  EXPECT_EQ(ended.only<Ended>().status, DriverStatus::aborted);
}

TEST_F(SchedulerSessionTest, a_framework_that_ran_never_gives_up_for_refusals) {
  subscribe();
  session_.disconnected(now_);
  for (int i = 0; i < 50; ++i) {
    connect();
    session_.received(now_, Refused{"busy", ""});
    ASSERT_EQ(session_.phase(), SchedulerPhase::waiting);
  }
}

TEST_F(SchedulerSessionTest, a_server_that_cannot_prove_itself_ends_it) {
  connect();
  session_.received(now_, Challenge{Bytes("bad")});
  EXPECT_EQ(take().called<Failed>().at(0).message, "authentication: the server is an impostor");
}

TEST_F(SchedulerSessionTest, a_master_that_has_not_proved_who_it_is_is_not_followed) {
  authentication_.server = failure("the server has not proved who it is");
  connect();
  session_.received(now_, Welcome{"", master_of(1)});
  const auto taken = take();
  EXPECT_TRUE(taken.sent<Subscribe>().empty());
  EXPECT_EQ(taken.called<Failed>().at(0).message,
            "authentication: the server has not proved who it is");
}

TEST_F(SchedulerSessionTest, what_the_framework_did_wrong_ends_it) {
  subscribe();
  session_.received(now_, FrameworkError{"failed over to another scheduler"});
  const auto ended = take();
  EXPECT_EQ(ended.called<Failed>().at(0).message, "failed over to another scheduler");
  EXPECT_EQ(ended.only<Ended>().status, DriverStatus::aborted);
  session_.received(now_, Offers{});
  session_.revive({});
  EXPECT_EQ(take().size(), 0u);
}

TEST_F(SchedulerSessionTest, answers_pings_and_leaves_a_master_that_falls_silent_after_them) {
  subscribe();
  EXPECT_FALSE(session_.next_deadline());
  session_.received(now_, Ping{4});
  EXPECT_EQ(take().sent<Pong>().at(0).sequence, 4u);
  session_.received(now_, Ping{5});
  now_ = session_.next_deadline().value();
  session_.advance(now_);
  EXPECT_EQ(take().called<Disconnected>().size(), 1u);
}

TEST_F(SchedulerSessionTest, acknowledges_what_was_delivered_in_one_message_a_turn) {
  subscribe();
  session_.received(now_, Updates{{status_of("a", 1), status_of("b", 2)}});
  session_.received(now_, Updates{{status_of("c", 3)}});
  const auto updates = take().called<Updates>();
  ASSERT_EQ(updates.size(), 2u);
  for (const Updates& update : updates) session_.delivered(update);
  EXPECT_EQ(take().size(), 0u);
  session_.end_turn();
  const auto acknowledgements = take().sent<Acknowledge>();
  ASSERT_EQ(acknowledgements.size(), 1u);
  ASSERT_EQ(acknowledgements[0].updates.size(), 3u);
  EXPECT_EQ(acknowledgements[0].updates[2].task_id, TaskId("c"));
}

TEST_F(SchedulerSessionTest, the_masters_own_updates_are_not_acknowledged) {
  subscribe();
  TaskStatus status = status_of("a", 0);
  status.update_id = {};
  session_.delivered(Updates{{status}});
  session_.end_turn();
  EXPECT_EQ(take().size(), 0u);
}

TEST(SchedulerSession, a_framework_that_acknowledges_by_itself_is_left_to_it) {
  SchedulerOptions options;
  options.acknowledgements = Acknowledgements::explicit_;
  FakeAuthentication authentication;
  SchedulerSession session(options, authentication, 1);
  session.start();
  session.located(Time(), std::string("tcp://m:1"));
  session.connected(Time());
  session.received(Time(), Welcome{});
  session.received(Time(), Subscribed{FrameworkId("F"), {}, false});
  session.take();
  session.delivered(Updates{{status_of("a", 1)}});
  session.end_turn();
  EXPECT_TRUE(session.take().empty());
  session.acknowledge(status_of("a", 1));
  session.end_turn();
  EXPECT_EQ(session.take().size(), 1u);
}

TEST_F(SchedulerSessionTest, an_executor_travels_once_however_many_tasks_it_has) {
  subscribe();
  std::vector<TaskInfo> tasks;
  for (const char* id : {"a", "b", "c"}) {
    tasks.push_back(task_named(id));
    tasks.back().executor.emplace().id = ExecutorId(id[0] == 'c' ? "other" : "shared");
  }
  session_.accept(now_, {OfferId{5}}, {Operation::launch(tasks)}, {});
  const auto accept = take().sent<Accept>().at(0);
  EXPECT_EQ(accept.offers, std::vector<OfferId>{OfferId{5}});
  EXPECT_EQ(accept.operations.at(0).tasks.size(), 3u);
  EXPECT_EQ(accept.operations.at(0).tasks.at(1).executor_id, ExecutorId("shared"));
  ASSERT_EQ(accept.executors.size(), 2u);
  EXPECT_EQ(accept.executors[1].id, ExecutorId("other"));
}

TEST_F(SchedulerSessionTest, tasks_launched_while_disconnected_are_dropped_with_a_word) {
  session_.accept(now_, {OfferId{5}}, {Operation::launch({task_named("a")})}, {});
  const auto updates = take().called<Updates>();
  ASSERT_EQ(updates.size(), 1u);
  const TaskStatus& status = updates[0].updates.at(0);
  EXPECT_EQ(status.state, TaskState::lost);  // who is not partition-aware knows no other word
  EXPECT_EQ(status.reason, UpdateReason::master_disconnected);
  EXPECT_EQ(status.agent_id, AgentId("A1"));
  EXPECT_EQ(status.timestamp, now_);
}

TEST_F(SchedulerSessionTest, a_partition_aware_framework_hears_that_they_were_dropped) {
  SchedulerOptions aware = options();
  aware.framework.capabilities = {FrameworkCapability::partition_aware};
  SchedulerSession session(aware, authentication_, 1);
  session.accept(now_, {OfferId{5}}, {Operation::launch({task_named("a")})}, {});
  const auto updates = Taken(session.take()).called<Updates>();
  EXPECT_EQ(updates.at(0).updates.at(0).state, TaskState::dropped);
}

TEST_F(SchedulerSessionTest, tasks_too_large_for_a_message_are_errors_and_their_offers_declined) {
  subscribe();
  session_.accept(now_, {OfferId{5}}, {Operation::launch({task_named("a")})}, {});
  const auto accept = take().sent<Accept>().at(0);
  session_.not_sent(now_, accept, Error{"too large"});
  const auto outputs = take();
  EXPECT_EQ(outputs.called<Updates>().at(0).updates.at(0).state, TaskState::error);
  EXPECT_EQ(outputs.called<Updates>().at(0).updates.at(0).message, "too large");
  EXPECT_EQ(outputs.sent<Decline>().at(0).offers, std::vector<OfferId>{OfferId{5}});
}

TEST_F(SchedulerSessionTest, launching_nothing_declines) {
  subscribe();
  session_.accept(now_, {OfferId{5}}, {Operation::launch({})}, {.refuse_duration = 2s});
  EXPECT_EQ(take().sent<Decline>().at(0).filters.refuse_duration, Duration(2s));
}

TEST_F(SchedulerSessionTest, declines_next_to_each_other_travel_as_one) {
  subscribe();
  session_.decline({OfferId{1}}, {});
  session_.decline({OfferId{2}}, {});
  session_.decline({OfferId{3}}, {.refuse_duration = 1s});
  session_.revive({});
  session_.decline({OfferId{4}}, {.refuse_duration = 1s});
  const auto declines = take().sent<Decline>();
  ASSERT_EQ(declines.size(), 3u);
  EXPECT_EQ(declines[0].offers, (std::vector{OfferId{1}, OfferId{2}}));
}

TEST_F(SchedulerSessionTest, calls_while_disconnected_are_dropped) {
  session_.decline({OfferId{1}}, {});
  session_.revive({});
  session_.suppress({});
  session_.kill(TaskId("a"), {});
  session_.reconcile({});
  session_.send_message(AgentId("A1"), ExecutorId("e"), "x");
  session_.shutdown_executor(AgentId("A1"), ExecutorId("e"));
  session_.acknowledge(status_of("a", 1));
  session_.end_turn();
  EXPECT_EQ(take().size(), 0u);
}

TEST_F(SchedulerSessionTest, stop_tears_down_unless_it_is_for_failover) {
  subscribe();
  session_.stop(false);
  const auto ended = take();
  EXPECT_EQ(ended.sent<Teardown>().size(), 1u);
  EXPECT_EQ(ended.only<Ended>().status, DriverStatus::stopped);
  session_.stop(false);
  session_.abort();
  EXPECT_EQ(take().size(), 0u);
}

TEST_F(SchedulerSessionTest, stop_for_failover_leaves_the_framework_and_acknowledges_what_it_had) {
  subscribe();
  session_.acknowledge(status_of("a", 1));
  session_.stop(true);
  const auto ended = take();
  EXPECT_TRUE(ended.sent<Teardown>().empty());
  EXPECT_EQ(ended.sent<Acknowledge>().size(), 1u);
  EXPECT_EQ(ended.only<Ended>().status, DriverStatus::stopped);
}

TEST_F(SchedulerSessionTest, what_a_scheduler_is_never_told_is_ignored) {
  subscribe();
  session_.received(now_, RunTasks{});
  session_.received(now_, ExecutorRegistered{});
  session_.received(now_, Challenge{});
  session_.received(now_, Welcome{});
  session_.received(now_, Subscribed{FrameworkId("other"), {}, false});
  EXPECT_EQ(take().size(), 0u);
}

}  // namespace
}  // namespace mesolite

// Defends that a list too long for the bus arrives whole, in parts and in order.
#include "sdk/net/halve.hpp"

#include <gtest/gtest.h>

#include "sdk/net/frame.hpp"

namespace mesolite::net {
namespace {

Updates updates(std::size_t count, std::size_t bytes) {
  Updates message;
  for (std::size_t i = 0; i < count; ++i) {
    TaskStatus& status = message.updates.emplace_back();
    status.task_id = TaskId("t" + std::to_string(i));
    status.data = Bytes(std::string(bytes, 'x'));
  }
  return message;
}

// Adds to frames as the bus does; answers with what a receiver would read of them.
struct Receiver {
  std::vector<Message> received;
  FrameBuilder builder;

  Status add(const Message& message) {
    const Status added = builder.add(message);
    if (builder.full()) read();
    return added;
  }
  void read() {
    if (builder.empty()) return;
    const std::string frame = builder.take();
    EXPECT_LE(frame.size(), frame_bytes_max);
    auto reader = FrameReader::open(frame);
    while (reader && !reader->at_end()) received.push_back(reader->next()->message);
  }
  std::vector<Unsent> send(const Message& message) {
    auto unsent = add_in_parts(message, [this](const Message& part) { return add(part); });
    read();
    return unsent;
  }
};

TEST(Halve, what_fits_is_one_message) {
  Receiver receiver;
  EXPECT_TRUE(receiver.send(updates(10, 10)).empty());
  EXPECT_EQ(receiver.received.size(), 1u);
}

TEST(Halve, a_long_list_arrives_whole_and_in_order) {
  Receiver receiver;
  EXPECT_TRUE(receiver.send(updates(100, 400'000)).empty());
  EXPECT_GT(receiver.received.size(), 1u);
  std::size_t next = 0;
  for (const Message& message : receiver.received) {
    for (const TaskStatus& status : std::get<Updates>(message).updates) {
      EXPECT_EQ(status.task_id.value, "t" + std::to_string(next++));
    }
  }
  EXPECT_EQ(next, 100u);
}

TEST(Halve, one_item_that_is_too_large_is_named_and_does_not_hold_up_the_others) {
  Updates message = updates(8, 10);
  message.updates[3].data = Bytes(std::string(message_bytes_max + 1, 'x'));
  Receiver receiver;
  const std::vector<Unsent> unsent = receiver.send(message);
  ASSERT_EQ(unsent.size(), 1u);
  EXPECT_EQ(std::get<Updates>(unsent[0].message).updates.at(0).task_id, TaskId("t3"));
  std::size_t arrived = 0;
  for (const Message& part : receiver.received) arrived += std::get<Updates>(part).updates.size();
  EXPECT_EQ(arrived, 7u);
}

TEST(Halve, a_registration_says_in_every_part_but_the_last_that_more_comes) {
  RegisterAgent registration;
  registration.agent.id = AgentId("c-A1");
  for (int i = 0; i < 100'000; ++i) {
    RunningTask& task = registration.tasks.emplace_back();
    task.framework_id = FrameworkId("c-F1");
    task.launch.id = TaskId("a-task-with-a-name-of-its-own-" + std::to_string(i));
    task.launch.name = std::string(100, 'n');
    task.role = "*";
  }
  registration.frameworks.resize(3);
  Receiver receiver;
  EXPECT_TRUE(receiver.send(registration).empty());
  ASSERT_GT(receiver.received.size(), 1u);
  RegisterAgent whole;
  for (std::size_t i = 0; i < receiver.received.size(); ++i) {
    const auto& part = std::get<RegisterAgent>(receiver.received[i]);
    EXPECT_EQ(part.agent.id, AgentId("c-A1"));
    EXPECT_EQ(part.more, i + 1 < receiver.received.size());
    whole.tasks.insert(whole.tasks.end(), part.tasks.begin(), part.tasks.end());
    whole.frameworks.insert(whole.frameworks.end(), part.frameworks.begin(), part.frameworks.end());
  }
  EXPECT_EQ(whole.tasks, registration.tasks);
  EXPECT_EQ(whole.frameworks.size(), 3u);
}

TEST(Halve, executors_are_described_before_the_tasks_that_need_them_and_groups_stay_together) {
  RunTasks run;
  run.role = "eng";
  run.tasks.resize(4);
  run.executors.resize(1);
  Message message = run;
  const auto second = halve(message);
  ASSERT_TRUE(second);
  EXPECT_EQ(std::get<RunTasks>(message).executors.size(), 1u);
  EXPECT_TRUE(std::get<RunTasks>(*second).executors.empty());
  EXPECT_EQ(std::get<RunTasks>(*second).role, "eng");
  run.group = true;
  message = run;
  EXPECT_FALSE(halve(message));
}

TEST(Halve, what_stands_beside_a_list_holds_for_both_halves) {
  Message message = RescindOffers{{OfferId{1}, OfferId{2}, OfferId{3}}, "too late"};
  const auto second = halve(message);
  ASSERT_TRUE(second);
  EXPECT_EQ(std::get<RescindOffers>(message).offers, std::vector<OfferId>{OfferId{1}});
  EXPECT_EQ(std::get<RescindOffers>(message).reason, "too late");
  EXPECT_EQ(std::get<RescindOffers>(*second).offers,
            (std::vector<OfferId>{OfferId{2}, OfferId{3}}));
  EXPECT_EQ(std::get<RescindOffers>(*second).reason, "too late");
}

TEST(Halve, what_is_no_list_and_a_list_that_means_all_are_never_parted) {
  Message reconcile = Reconcile{};
  EXPECT_FALSE(halve(reconcile));
  Message ping = Ping{1};
  EXPECT_FALSE(halve(ping));
}

}  // namespace
}  // namespace mesolite::net

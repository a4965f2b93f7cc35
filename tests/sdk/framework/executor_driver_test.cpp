// The executor's driver and the reader of sandboxes against a bus that plays the agent.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <string>
#include <vector>

#include "mesolite/framework/driver.hpp"
#include "tests/sdk/net/bus_peers.hpp"

namespace mesolite {
namespace {

using net::BusServer;
using net::ServerThread;
using net::Watched;

const std::string content = "one line\nand another\n";

// Takes in an executor, hands it one task, acknowledges its updates; serves `content`, three bytes
// at a time.
void play_agent(BusServer& bus, PeerId peer, const Message& message) {
  if (std::holds_alternative<Hello>(message)) bus.send(peer, Welcome{});
  if (std::holds_alternative<RegisterExecutor>(message)) {
    ExecutorRegistered registered;
    registered.agent.id = AgentId("A1");
    bus.send(peer, registered);
    TaskInfo task;
    task.id = TaskId("T1");
    bus.send(peer, LaunchTasks{{pack(task)}});
  }
  if (const auto* updates = std::get_if<ExecutorUpdates>(&message)) {
    ExecutorAcknowledgements acknowledgements;
    for (const TaskStatus& update : updates->updates) {
      acknowledgements.updates.push_back({update.agent_id, update.task_id, update.update_id});
    }
    bus.send(peer, acknowledgements);
  }
  if (const auto* read = std::get_if<ReadSandbox>(&message)) {
    const std::string piece = content.substr(read->offset, 3);
    bus.send(peer, SandboxData{read->request, Bytes(piece),
                               read->offset + piece.size() == content.size(), ""});
  }
}

// Finishes each task at once, then stops.
class QuickExecutor final : public Executor {
 public:
  void launch_task(ExecutorDriver& driver, const TaskInfo& task) override {
    TaskStatus status;
    status.task_id = task.id;
    status.state = TaskState::finished;
    driver.send_status_update(status);
    driver.stop();
  }
  void kill_task(ExecutorDriver&, const TaskId&, const KillPolicy&) override {}
  void error(ExecutorDriver&, const std::string& message) override { problem = message; }

  std::string problem;
};

// Finishes each task at once, and waits for more.
class LastingExecutor final : public Executor {
 public:
  void launch_task(ExecutorDriver& driver, const TaskInfo& task) override {
    TaskStatus status;
    status.task_id = task.id;
    status.state = TaskState::finished;
    driver.send_status_update(status);
  }
  void kill_task(ExecutorDriver&, const TaskId&, const KillPolicy&) override {}
};

// Leaves its tasks alone.
class ListeningExecutor final : public Executor {
 public:
  void registered(ExecutorDriver&, const ExecutorInfo&, const FrameworkInfo&,
                  const AgentInfo&) override {
    taken_in.set_value();
  }
  void launch_task(ExecutorDriver&, const TaskInfo&) override {}
  void kill_task(ExecutorDriver&, const TaskId&, const KillPolicy&) override {}

  std::promise<void> taken_in;
};

class ExecutorDriverTest : public testing::Test {
 protected:
  ~ExecutorDriverTest() override {
    for (const char* name : {"MESOS_FRAMEWORK_ID", "MESOS_EXECUTOR_ID", "MESOS_AGENT_ENDPOINT",
                             "MESOS_EXECUTOR_AUTHENTICATION_TOKEN", "MESOS_RECOVERY_TIMEOUT"}) {
      ::unsetenv(name);
    }
  }
  void set_environment(const std::string& endpoint) {
    ::setenv("MESOS_FRAMEWORK_ID", "F1", 1);
    ::setenv("MESOS_EXECUTOR_ID", "E1", 1);
    ::setenv("MESOS_AGENT_ENDPOINT", endpoint.c_str(), 1);
    ::setenv("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", "secret", 1);
  }
};

TEST_F(ExecutorDriverTest, runs_a_task_and_stops_once_its_end_is_acknowledged) {
  ServerThread agent("tcp://127.0.0.1:0", play_agent);
  set_environment(agent.endpoint);
  QuickExecutor executor;
  MesosExecutorDriver driver(executor);
  EXPECT_EQ(driver.run(), DriverStatus::stopped);
  const auto received = agent.record.get().received;
  ASSERT_EQ(received.size(), 3u);
  EXPECT_EQ(std::get<RegisterExecutor>(received[1].second).token, "secret");
  EXPECT_EQ(std::get<ExecutorUpdates>(received[2].second).updates.at(0).state, TaskState::finished);
}

TEST_F(ExecutorDriverTest, ends_when_its_agent_stays_away) {
  auto agent = std::make_unique<ServerThread>("tcp://127.0.0.1:0", play_agent);
  set_environment(agent->endpoint);
  ::setenv("MESOS_RECOVERY_TIMEOUT", "20ms", 1);
  ListeningExecutor executor;
  MesosExecutorDriver driver(executor);
  ASSERT_TRUE(driver.start());
  executor.taken_in.get_future().wait();  // before that it would wait for minutes
  agent.reset();
  EXPECT_EQ(driver.join(), DriverStatus::aborted);
}

// Takes an executor in, but acknowledges nothing.
void play_forgetful_agent(BusServer& bus, PeerId peer, const Message& message) {
  if (!std::holds_alternative<ExecutorUpdates>(message)) play_agent(bus, peer, message);
}

TEST_F(ExecutorDriverTest, finds_back_to_an_agent_that_was_started_anew_and_tells_it_all) {
  auto agent = std::make_unique<ServerThread>("tcp://127.0.0.1:0", play_forgetful_agent);
  const std::string endpoint = agent->endpoint;
  set_environment(endpoint);
  LastingExecutor executor;
  MesosExecutorDriver driver(executor);
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(agent->wait_received(3));  // Hello, RegisterExecutor, ExecutorUpdates
  agent.reset();
  agent = std::make_unique<ServerThread>(
      endpoint, [](BusServer& bus, PeerId peer, const Message& message) {
        if (std::holds_alternative<Hello>(message)) bus.send(peer, Welcome{});
        const auto* request = std::get_if<RegisterExecutor>(&message);
        if (request == nullptr) return;
        bus.send(peer, ExecutorRegistered{});
        ExecutorAcknowledgements acknowledgements;
        for (const TaskStatus& update : request->updates) {
          acknowledgements.updates.push_back({update.agent_id, update.task_id, update.update_id});
        }
        bus.send(peer, acknowledgements);
      });
  ASSERT_TRUE(agent->wait_received(2));
  driver.stop();
  EXPECT_EQ(driver.join(), DriverStatus::stopped);
  const auto received = agent->record.get().received;
  ASSERT_GE(received.size(), 2u);
  const auto& request = std::get<RegisterExecutor>(received[1].second);
  ASSERT_EQ(request.tasks.size(), 1u);
  EXPECT_EQ(request.tasks[0].id, TaskId("T1"));
  ASSERT_EQ(request.updates.size(), 1u);
  EXPECT_EQ(request.updates[0].state, TaskState::finished);
}

TEST_F(ExecutorDriverTest, outside_of_an_agent_it_says_what_is_missing) {
  QuickExecutor executor;
  EXPECT_EQ(MesosExecutorDriver(executor).run(), DriverStatus::aborted);
  EXPECT_EQ(executor.problem, "MESOS_FRAMEWORK_ID is not set: an executor is started by an agent");
}

TEST_F(ExecutorDriverTest, an_endpoint_that_is_none_is_a_sentence) {
  set_environment("nonsense");
  QuickExecutor executor;
  EXPECT_EQ(MesosExecutorDriver(executor).run(), DriverStatus::aborted);
  EXPECT_EQ(executor.problem,
            "MESOS_AGENT_ENDPOINT: cannot connect to 'nonsense': Invalid argument");
}

TEST(SandboxReader, delivers_the_file_to_its_last_byte) {
  ServerThread agent("tcp://127.0.0.1:0", play_agent);
  std::string text;
  SandboxReader reader({agent.endpoint, FrameworkId("F1"), TaskId("T1"), "stdout"},
                       [&](std::string_view piece) { text += piece; });
  EXPECT_TRUE(reader.wait());
  EXPECT_EQ(text, content);
}

TEST(SandboxReader, survives_a_short_loss_of_the_agent) {
  Watched<std::string> text;
  std::string endpoint;
  const auto cut_off_after_the_first_piece = [](BusServer& bus, PeerId peer,
                                                const Message& message) {
    const auto* read = std::get_if<ReadSandbox>(&message);
    if (read != nullptr && read->offset > 0) return bus.disconnect(peer);
    play_agent(bus, peer, message);
  };
  auto agent = std::make_unique<ServerThread>("tcp://127.0.0.1:0", cut_off_after_the_first_piece);
  endpoint = agent->endpoint;
  SandboxReader reader(
      {endpoint, FrameworkId("F1"), TaskId("T1"), "stdout"},
      [&](std::string_view piece) { text.change([&](std::string& state) { state += piece; }); });
  ASSERT_TRUE(text.wait([](const std::string& state) { return state.size() == 3; }));
  agent.reset();
  agent = std::make_unique<ServerThread>(endpoint, play_agent);
  EXPECT_TRUE(reader.wait());
  EXPECT_EQ(text.get(), content);
}

TEST(SandboxReader, can_be_given_up) {
  ServerThread agent;  // answers nothing
  SandboxReader reader({agent.endpoint, FrameworkId("F1"), TaskId("T1"), "stdout"},
                       [](std::string_view) {});
  ASSERT_TRUE(agent.wait_received(1));
}

TEST(SandboxReader, an_agent_that_is_no_endpoint_is_a_sentence) {
  SandboxReader reader({"nowhere", FrameworkId("F1"), TaskId("T1"), "stdout"},
                       [](std::string_view) {});
  EXPECT_EQ(reader.wait().error().message, "cannot connect to 'nowhere': Invalid argument");
}

}  // namespace
}  // namespace mesolite

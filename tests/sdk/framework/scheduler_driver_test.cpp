// The scheduler's driver against a bus that plays the master.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "mesolite/framework/driver.hpp"
#include "tests/sdk/net/bus_peers.hpp"

namespace mesolite {
namespace {

using net::BusServer;
using net::ServerThread;
using net::Watched;

MasterInfo master() {
  MasterInfo info;
  info.id = "M1";
  info.epoch = 1;
  return info;
}

// Welcomes and subscribes whoever comes, offers one offer, and says of each task that it runs.
void play_master(BusServer& bus, PeerId peer, const Message& message) {
  if (std::holds_alternative<Hello>(message)) bus.send(peer, Welcome{"", master()});
  if (const auto* subscribe = std::get_if<Subscribe>(&message)) {
    const bool returning = !subscribe->framework.id.empty();
    bus.send(peer, Subscribed{FrameworkId("F1"), master(), returning});
    Offer offer;
    offer.id = OfferId{1};
    offer.agent_id = AgentId("A1");
    bus.send(peer, Offers{{offer}});
  }
  const auto* accept = std::get_if<Accept>(&message);
  if (accept == nullptr) return;
  Updates updates;
  for (const TaskLaunch& task : accept->operations.at(0).tasks) {
    TaskStatus& status = updates.updates.emplace_back();
    status.task_id = task.id;
    status.agent_id = task.agent_id;
    status.state = TaskState::running;
    status.update_id = {1, updates.updates.size()};
  }
  bus.send(peer, updates);
}

struct Told {
  std::vector<std::string> calls;
  int updates = 0;
};

// Launches two tasks on each offer and writes down what it is told.
class RecordingScheduler : public Scheduler {
 public:
  void registered(SchedulerDriver&, const FrameworkId& id, const MasterInfo&) override {
    note("registered " + id.value);
  }
  void reregistered(SchedulerDriver&, const MasterInfo&) override { note("reregistered"); }
  void disconnected(SchedulerDriver&) override { note("disconnected"); }
  void resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) override {
    note("offers");
    std::vector<TaskInfo> tasks(2);
    tasks[0].id = TaskId("a");
    tasks[1].id = TaskId("b");
    for (TaskInfo& task : tasks) task.agent_id = offers[0].agent_id;
    driver.launch_tasks({offers[0].id}, std::move(tasks));
  }
  void status_update(SchedulerDriver&, const TaskStatus&) override {
    told.change([](Told& state) { ++state.updates; });
  }
  void error(SchedulerDriver&, const std::string& message) override { note("error: " + message); }

  bool wait(const std::string& call) {
    return told.wait([&](const Told& state) {
      return std::find(state.calls.begin(), state.calls.end(), call) != state.calls.end();
    });
  }

  Watched<Told> told;

 private:
  void note(const std::string& call) {
    told.change([&](Told& state) { state.calls.push_back(call); });
  }
};

SchedulerOptions options_for(const ServerThread& server) {
  SchedulerOptions options;
  options.framework.name = "test";
  options.master = server.endpoint;
  options.registration_backoff_factor = 1ms;
  return options;
}

template <class Kind>
std::size_t count(ServerThread& server) {
  std::size_t found = 0;
  for (const auto& [peer, message] : server.record.get().received) {
    found += std::holds_alternative<Kind>(message) ? 1 : 0;
  }
  return found;
}

TEST(SchedulerDriver, registers_launches_acknowledges_and_tears_down) {
  ServerThread server("tcp://127.0.0.1:0", play_master);
  RecordingScheduler scheduler;
  MesosSchedulerDriver driver(scheduler, options_for(server));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(scheduler.told.wait([](const Told& told) { return told.updates == 2; }));
  driver.stop();
  EXPECT_EQ(driver.join(), DriverStatus::stopped);
  ASSERT_TRUE(server.wait_lost(1));
  EXPECT_EQ(scheduler.told.get().calls, (std::vector<std::string>{"registered F1", "offers"}));
  EXPECT_EQ(count<Acknowledge>(server), 1u);
  EXPECT_EQ(count<Teardown>(server), 1u);
}

TEST(SchedulerDriver, comes_back_when_the_master_does) {
  RecordingScheduler scheduler;
  auto server = std::make_unique<ServerThread>("tcp://127.0.0.1:0", play_master);
  const std::string endpoint = server->endpoint;
  MesosSchedulerDriver driver(scheduler, options_for(*server));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(scheduler.wait("offers"));
  server.reset();
  ASSERT_TRUE(scheduler.wait("disconnected"));
  server = std::make_unique<ServerThread>(endpoint, play_master);
  ASSERT_TRUE(scheduler.wait("reregistered"));
  for (const auto& [peer, message] : server->record.get().received) {
    const auto* subscribe = std::get_if<Subscribe>(&message);
    if (subscribe != nullptr) {
      EXPECT_EQ(subscribe->framework.id, FrameworkId("F1"));
    }
  }
}

TEST(SchedulerDriver, its_end_leaves_the_framework_to_fail_over) {
  ServerThread server("tcp://127.0.0.1:0", play_master);
  RecordingScheduler scheduler;
  {
    MesosSchedulerDriver driver(scheduler, options_for(server));
    ASSERT_TRUE(driver.start());
    ASSERT_TRUE(scheduler.wait("offers"));
  }
  ASSERT_TRUE(server.wait_lost(1));
  EXPECT_EQ(count<Teardown>(server), 0u);
}

TEST(SchedulerDriver, a_callback_that_throws_aborts_it_with_its_words) {
  class ThrowingScheduler final : public RecordingScheduler {
    void resource_offers(SchedulerDriver&, const std::vector<Offer>&) override {
      throw std::runtime_error("out of ideas");
    }
  };
  ServerThread server("tcp://127.0.0.1:0", play_master);
  ThrowingScheduler scheduler;
  MesosSchedulerDriver driver(scheduler, options_for(server));
  EXPECT_EQ(driver.run(), DriverStatus::aborted);
  EXPECT_TRUE(scheduler.wait("error: a callback threw: out of ideas"));
}

TEST(SchedulerDriver, may_be_stopped_from_a_callback_and_by_work_of_its_own_thread) {
  ServerThread server("tcp://127.0.0.1:0", play_master);
  RecordingScheduler scheduler;
  MesosSchedulerDriver driver(scheduler, options_for(server));
  driver.post_after(1ms, [&] { driver.post([&] { driver.stop(); }); });
  EXPECT_EQ(driver.run(), DriverStatus::stopped);
}

TEST(SchedulerDriver, options_that_cannot_be_used_are_a_sentence) {
  RecordingScheduler scheduler;
  SchedulerOptions options;
  options.framework.name = "test";
  EXPECT_EQ(MesosSchedulerDriver(scheduler, options).start().error().message,
            "master: no master is given");
  options.master = "http://a:5050";
  EXPECT_EQ(MesosSchedulerDriver(scheduler, options).start().error().message,
            "master: expected host:port, for example 127.0.0.1:5050, zk:// or file://, got "
            "'http://a:5050'");
  options.master = "localhost";
  EXPECT_FALSE(MesosSchedulerDriver(scheduler, options).start());
  options.master = "tcp://127.0.0.1:1";
  options.framework.name = "";
  EXPECT_EQ(MesosSchedulerDriver(scheduler, options).run(), DriverStatus::aborted);
  EXPECT_TRUE(scheduler.wait("error: the framework has no name"));
}

TEST(SchedulerDriver, a_driver_that_was_never_started_can_be_called_and_destroyed) {
  RecordingScheduler scheduler;
  MesosSchedulerDriver driver(scheduler, {});
  driver.revive_offers({});
  driver.stop(false);
  EXPECT_EQ(driver.join(), DriverStatus::not_started);
}

}  // namespace
}  // namespace mesolite

// Modules in processes of their own: their deaths cost nothing but an error line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <optional>

#include "tests/integration/recording_scheduler.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

using ::testing::HasSubstr;

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// The host process of a module below a daemon; 0 if there is none.
pid_t host_of(Program& daemon, const std::string& module) {
  for (const pid_t pid : descendants_of(daemon.process().pid())) {
    const std::string command = read_file("/proc/" + std::to_string(pid) + "/cmdline");
    const bool host = command.find("mesolite-module-host") != std::string::npos;
    if (host && command.find(module + ".so") != std::string::npos) return pid;
  }
  return 0;
}

// Keeps what it is offered until it is told to use it.
class Keeper final : public Scheduler {
 public:
  void resource_offers(SchedulerDriver&, const std::vector<Offer>& offers) override {
    const std::lock_guard lock(mutex_);
    offers_.insert(offers_.end(), offers.begin(), offers.end());
  }
  void offer_rescinded(SchedulerDriver&, const OfferId&, const std::string&) override {
    ++rescinded;
  }
  void status_update(SchedulerDriver&, const TaskStatus& update) override { state = update.state; }

  std::size_t offers() const {
    const std::lock_guard lock(mutex_);
    return offers_.size();
  }
  // Launches on the first offer that it keeps.
  void use(SchedulerDriver& driver, TaskInfo task) {
    const std::lock_guard lock(mutex_);
    task.agent_id = offers_.at(0).agent_id;
    driver.launch_tasks({offers_.at(0).id}, {std::move(task)});
  }

  std::atomic<int> rescinded{0};
  std::atomic<TaskState> state{TaskState::unknown};

 private:
  mutable std::mutex mutex_;  // guards the offers: the test looks while the driver's thread writes
  std::vector<Offer> offers_;
};

class OutOfProcess : public ::testing::Test {
 protected:
  std::string config(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return "--config=" + (directory_ / name).string();
  }
  Cluster& start() {
    cluster_.emplace(
        ClusterOptions{.master_flags = {config("master.toml",
                                               "[modules.hierarchical]\nisolation = 'process'\n"
                                               "[modules.none]\nisolation = 'process'\n")},
                       .agent_flags = {config("agent.toml",
                                              "[modules.none]\nisolation = 'process'\n"
                                              "[modules.'posix/mem']\nisolation = 'process'\n")}});
    return *cluster_;
  }
  // Kills it and waits for the one that takes its place.
  void replace(Program& daemon, const std::string& module) {
    const pid_t host = host_of(daemon, module);
    ASSERT_GT(host, 0) << module;
    ::kill(host, SIGKILL);
    EXPECT_TRUE(eventually([&] {
      const pid_t next = host_of(daemon, module);
      return next > 0 && next != host;
    }));
  }
  static std::string killed(const std::string& module) {
    return "module " + module + ": its host process was killed by signal 9 (Killed)";
  }

  Scratch directory_;
  std::optional<Cluster> cluster_;
};

TEST_F(OutOfProcess, an_allocator_that_is_killed_costs_no_offer_and_no_task) {
  Cluster& cluster = start();
  RecordingScheduler first({shell_task("stays", "sleep 1000", "cpus:1;mem:32")});
  MesosSchedulerDriver driver(first, scheduler_options(cluster.master(), "first"));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(eventually([&] { return first.last("stays").state == TaskState::running; }));

  replace(cluster.master_program(), "hierarchical");
  EXPECT_TRUE(eventually([&] {
    return cluster.master_program().errors().find("allocator_rebuilt") != std::string::npos;
  }));
  RecordingScheduler second({shell_task("comes", "exit 0", "cpus:1;mem:32")});
  MesosSchedulerDriver other(second, scheduler_options(cluster.master(), "second"));
  ASSERT_TRUE(other.start());
  EXPECT_TRUE(eventually([&] { return second.last("comes").state == TaskState::finished; }));
  EXPECT_EQ(first.last("stays").state, TaskState::running);
  const std::string log = cluster.master_program().errors();
  EXPECT_EQ(count_of(log, killed("hierarchical")), 1u) << log;
  EXPECT_EQ(count_of(log, "allocation_refused"), 0u) << log;
}

TEST_F(OutOfProcess, an_isolator_that_is_killed_costs_no_container) {
  Cluster& cluster = start();
  RecordingScheduler scheduler({shell_task("stays", "sleep 1000", "cpus:1;mem:32")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "first"));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(eventually([&] { return scheduler.last("stays").state == TaskState::running; }));

  replace(cluster.agent_program(0), "posix-mem");
  RecordingScheduler second({shell_task("comes", "exit 0", "cpus:1;mem:32")});
  MesosSchedulerDriver other(second, scheduler_options(cluster.master(), "second"));
  ASSERT_TRUE(other.start());
  EXPECT_TRUE(eventually([&] { return second.last("comes").state == TaskState::finished; }));
  EXPECT_EQ(scheduler.last("stays").state, TaskState::running);
  const std::string log = cluster.agent_program(0).errors();
  EXPECT_EQ(count_of(log, killed("posix/mem")), 1u) << log;
}

TEST_F(OutOfProcess, an_authenticator_that_is_killed_lets_the_next_ones_in) {
  Cluster& cluster = start();
  replace(cluster.master_program(), "none");
  replace(cluster.agent_program(0), "none");
  RecordingScheduler scheduler({shell_task("comes", "exit 0", "cpus:1;mem:32")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "later"));
  ASSERT_TRUE(driver.start());
  EXPECT_TRUE(eventually([&] { return scheduler.last("comes").state == TaskState::finished; }));
  EXPECT_THAT(cluster.master_program().errors(), HasSubstr(killed("none")));
}

// ---- replaced while it serves -------------------------------------------------------------------

class Reload : public OutOfProcess {
 protected:
  // A master whose allocator is the library that install() puts there.
  Cluster& start_with(const std::filesystem::path& library, const std::string& more = "") {
    install(library);
    cluster_.emplace(ClusterOptions{
        .agents = 2,
        .master_flags = {config(
            "master.toml", "[modules.hierarchical]\npath = '" + file().string() + "'\n" + more)}});
    return *cluster_;
  }
  std::filesystem::path file() const { return directory_ / "allocator.so"; }
  // As an installation does it, so that what is in use stays as it is.
  void install(const std::filesystem::path& library) {
    std::filesystem::copy(library, directory_ / "next.so");
    std::ofstream(directory_ / "next.so", std::ios::app) << "version " << ++versions_;
    std::filesystem::rename(directory_ / "next.so", file());
  }
  static std::filesystem::path hierarchical() {
    return std::filesystem::path(MESOLITE_BUILD_DIR) / "lib/mesolite/modules/hierarchical.so";
  }
  static std::filesystem::path nonsense() {
    return std::filesystem::path(MESOLITE_BUILD_DIR) / "tests/modules/nonsense.so";
  }
  Ended reload(const std::string& name = "") {
    std::vector<std::string> command{built("bin/mesolite"), "modules",  "reload",
                                     "allocator",           "--master", cluster_->master()};
    if (!name.empty()) command.push_back(name);
    return run(std::move(command));
  }
  int versions_ = 0;
};

TEST_F(Reload, a_changed_library_takes_the_place_of_the_one_that_serves) {
  Cluster& cluster = start_with(hierarchical());
  RecordingScheduler scheduler({shell_task("stays", "sleep 1000", "cpus:1;mem:32")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "holder"));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(eventually([&] { return scheduler.last("stays").state == TaskState::running; }));
  Keeper keeper;
  MesosSchedulerDriver keeps(keeper, scheduler_options(cluster.master(), "keeper"));
  ASSERT_TRUE(keeps.start());
  ASSERT_TRUE(eventually([&] { return keeper.offers() == 2; }));
  install(hierarchical());
  const Ended first = reload();
  EXPECT_EQ(first.status, 0) << first.errors;
  EXPECT_THAT(first.output, HasSubstr("the allocator is now allocator 'hierarchical'"));
  EXPECT_THAT(first.output, HasSubstr("2 agents and 2 frameworks"));
  EXPECT_EQ(scheduler.last("stays").state, TaskState::running);

  // What was offered before is as good as ever, and what is left of it is offered anew.
  keeper.use(keeps, shell_task("kept", "exit 0", "cpus:1;mem:32"));
  EXPECT_TRUE(eventually([&] { return keeper.state == TaskState::finished; }));
  EXPECT_TRUE(eventually([&] { return keeper.offers() > 2; }));
  EXPECT_EQ(keeper.rescinded, 0);
  EXPECT_EQ(count_of(cluster.master_program().errors(), "allocation_refused"), 0u);
}

TEST_F(Reload, what_cannot_take_its_place_is_refused_and_the_old_one_goes_on) {
  Cluster& cluster = start_with(hierarchical());
  RecordingScheduler scheduler({shell_task("stays", "sleep 1000", "cpus:1;mem:32")});
  MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "holder"));
  ASSERT_TRUE(driver.start());
  ASSERT_TRUE(eventually([&] { return scheduler.last("stays").state == TaskState::running; }));

  const Ended unknown = reload("hierarchicl");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.errors, HasSubstr("did you mean 'hierarchical'?"));
  install(nonsense());
  const Ended nonsensical = reload();
  EXPECT_EQ(nonsensical.status, 1);
  EXPECT_THAT(nonsensical.errors, HasSubstr("its first answer makes no sense"));
  std::ofstream(directory_ / "next.so") << "no library";
  std::filesystem::rename(directory_ / "next.so", file());
  const Ended broken = reload();
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.errors, HasSubstr("cannot be opened"));

  RecordingScheduler second({shell_task("comes", "exit 0", "cpus:1;mem:32")});
  MesosSchedulerDriver other(second, scheduler_options(cluster.master(), "second"));
  ASSERT_TRUE(other.start());
  EXPECT_TRUE(eventually([&] { return second.last("comes").state == TaskState::finished; }));
  EXPECT_EQ(scheduler.last("stays").state, TaskState::running);
}

TEST_F(Reload, nonsense_of_an_allocator_that_serves_is_named_wherever_it_lives) {
  for (const char* isolation : {"", "isolation = 'process'\n"}) {
    Cluster& cluster = start_with(nonsense(), isolation);
    RecordingScheduler scheduler({shell_task("comes", "exit 0", "cpus:1;mem:32")});
    MesosSchedulerDriver driver(scheduler, scheduler_options(cluster.master(), "lucky"));
    ASSERT_TRUE(driver.start());
    EXPECT_TRUE(eventually([&] { return scheduler.last("comes").state == TaskState::finished; }));
    EXPECT_THAT(cluster.master_program().errors(), HasSubstr("problem=\"gives cpus:4;mem:4096"));
    driver.stop(false);
    driver.join();
    cluster_.reset();
  }
}

}  // namespace
}  // namespace mesolite::harness

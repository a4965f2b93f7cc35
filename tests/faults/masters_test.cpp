// Three masters that elect one of them in a real ensemble, and what may befall the one that leads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sdk/net/http_get.hpp"
#include "tests/integration/recording_scheduler.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/ensemble.hpp"

namespace mesolite::harness {
namespace {

using ::testing::HasSubstr;

// A leader that is not heard of for two thirds of it steps down: a busy machine must not take so
// long to answer.
constexpr Duration session_timeout = 5s;

// On a machine that is busy with other things, too.
constexpr Duration busy_margin = 20s;

class Masters : public ::testing::Test {
 protected:
  struct Daemon {
    std::unique_ptr<Program> program;
    std::string address;  // "127.0.0.1:40123"
  };

  static void SetUpTestSuite() {
    if (ensemble_problem().empty()) ensemble = std::make_unique<Ensemble>();
  }
  static void TearDownTestSuite() { ensemble.reset(); }

  void SetUp() override {
    if (const auto problem = ensemble_problem(); !problem.empty()) GTEST_SKIP() << problem;
    static int number = 0;
    url_ = ensemble->url("/test" + std::to_string(++number) + "/mesos");
    masters_url_ = "zk://mesos:secret@" + url_.substr(5);
    for (std::size_t i = 0; i < 3; ++i) {
      masters_.emplace_back();
      start_master(i);
    }
    ASSERT_TRUE(eventually([&] { return leader().has_value(); }));
    for (int i = 0; i < 2; ++i) add_agent();
    ASSERT_TRUE(eventually([&] { return active_agents() == 2; }));
  }

  void TearDown() override {
    if (driver_) {
      driver_->stop(false);
      driver_->join();
    }
    for (auto* daemons : {&agents_, &masters_}) {
      for (Daemon& daemon : *daemons) daemon.program->signal(SIGTERM);
      for (Daemon& daemon : *daemons) EXPECT_TRUE(daemon.program->wait());
    }
  }

  void start_master(std::size_t index) {
    Daemon& master = masters_.at(index);
    // At the same place each time: that is where its clients may still look.
    const std::string port =
        master.address.empty() ? "0" : master.address.substr(master.address.find(':') + 1);
    master.program = std::make_unique<Program>(std::vector<std::string>{
        built("sbin/mesos-master"), "--ip=127.0.0.1", "--port=" + port, "--zk=" + masters_url_,
        "--quorum=2", "--zk_session_timeout=" + to_text(session_timeout),
        "--work_dir=" + (files_ / ("m" + std::to_string(index))).string()});
    master.address = wait_ready(*master.program);
  }

  void add_agent() {
    Daemon& agent = agents_.emplace_back();
    agent.program = std::make_unique<Program>(std::vector<std::string>{
        built("sbin/mesos-agent"), "--ip=127.0.0.1", "--port=0", "--master=" + url_,
        "--resources=cpus:4;mem:4096;disk:1000", "--registration_backoff_factor=10ms",
        "--work_dir=" + (files_ / ("a" + std::to_string(agents_.size()))).string()});
    agent.address = wait_ready(*agent.program);
  }

  static Result<net::HttpReply> get(const Daemon& daemon, const std::string& path) {
    const auto place = net::parse_host_port(daemon.address);
    if (!place) return tl::unexpected(place.error());
    return net::http_get(place->host, place->port, path, 5s);
  }

  // 0 without an answer, as between two terms.
  static int status_of(const Daemon& master, const std::string& path) {
    const auto reply = get(master, path);
    return reply ? reply->status : 0;
  }

  static bool leads(const Daemon& master) {
    const auto reply = get(master, "/metrics/snapshot");
    const auto metrics = nlohmann::json::parse(reply ? reply->body : "", nullptr, false);
    return metrics.is_object() && metrics.value("master/elected", 0.0) == 1.0;
  }

  // Of all masters that can be asked, if just one says that it leads.
  std::optional<std::size_t> leader(std::optional<std::size_t> but = std::nullopt) const {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < masters_.size(); ++i) {
      if (i == but || masters_[i].program->process().exit_status() || !leads(masters_[i])) continue;
      if (found) return std::nullopt;
      found = i;
    }
    return found;
  }

  std::size_t active_agents(std::optional<std::size_t> but = std::nullopt) const {
    const auto leading = leader(but);
    if (!leading) return 0;
    const auto reply = get(masters_[*leading], "/slaves");
    const auto answer = nlohmann::json::parse(reply ? reply->body : "", nullptr, false);
    if (!answer.is_object() || !answer.contains("slaves")) return 0;
    std::size_t count = 0;
    for (const auto& agent : answer["slaves"]) count += agent["condition"] == "active" ? 1 : 0;
    return count;
  }

  // A framework with tasks that stay, all of them running when this returns.
  void run_tasks(int count) {
    std::vector<TaskInfo> tasks;
    for (int i = 0; i < count; ++i) {
      ids_.push_back("stays" + std::to_string(i));
      tasks.push_back(shell_task(ids_.back(), "sleep 100000"));
    }
    scheduler_.emplace(std::move(tasks));
    SchedulerOptions options = scheduler_options(url_, "survives");
    options.framework.failover_timeout = 1h;
    driver_.emplace(*scheduler_, options);
    ASSERT_TRUE(driver_->start());
    ASSERT_TRUE(eventually([&] { return all_run(); })) << scheduler_->error();
  }

  bool all_run() const {
    return std::all_of(ids_.begin(), ids_.end(), [&](const std::string& id) {
      return scheduler_->last(id).state == TaskState::running;
    });
  }

  // None was lost, ended or started again.
  void expect_tasks_untouched() const {
    for (const std::string& id : ids_) {
      for (const TaskState state : scheduler_->states(id)) {
        EXPECT_TRUE(state == TaskState::starting || state == TaskState::running ||
                    state == TaskState::staging)
            << id << " became " << task_state_name(state);
      }
    }
    EXPECT_EQ(scheduler_->agents_lost(), 0u);
  }

  static std::unique_ptr<Ensemble> ensemble;
  Leftovers leftovers_;
  Scratch files_;
  std::string url_;          // for those who only look on
  std::string masters_url_;  // with the credential that closes it to others
  std::vector<Daemon> masters_;
  std::vector<Daemon> agents_;
  std::vector<std::string> ids_;
  std::optional<RecordingScheduler> scheduler_;
  std::optional<MesosSchedulerDriver> driver_;  // last: it calls the scheduler
};

std::unique_ptr<Ensemble> Masters::ensemble;

TEST_F(Masters, a_killed_leader_is_replaced_and_nobody_has_to_do_anything) {
  run_tasks(6);
  std::vector<double> seconds;
  for (std::size_t round = 1; round <= 5; ++round) {
    const std::size_t victim = leader().value();
    const std::size_t offers = scheduler_->offers();
    masters_[victim].program->signal(SIGKILL);
    ASSERT_TRUE(masters_[victim].program->wait());
    const Stopwatch watch;
    ASSERT_TRUE(eventually([&] { return scheduler_->reregistrations() >= round; }));
    ASSERT_TRUE(eventually([&] { return active_agents() == 2; }));
    ASSERT_TRUE(eventually([&] { return scheduler_->offers() > offers; }));
    seconds.push_back(to_seconds(watch.elapsed()));
    start_master(victim);
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf("[ figures  ] offers again after the leader's kill -9: median %.2f s, worst %.2f s\n",
              seconds[seconds.size() / 2], seconds.back());
  RecordProperty("failover_median_ms", static_cast<int>(seconds[seconds.size() / 2] * 1000));
  EXPECT_LT(seconds.front(), to_seconds(session_timeout + busy_margin));
  expect_tasks_untouched();
}

TEST_F(Masters, a_leader_that_is_asked_to_end_is_replaced_without_waiting_for_its_session) {
  const std::size_t first = leader().value();
  masters_[first].program->signal(SIGTERM);
  ASSERT_EQ(masters_[first].program->wait(), 0);
  const Stopwatch watch;
  ASSERT_TRUE(eventually([&] { return active_agents() == 2; }));
  std::printf("[ figures  ] agents back after the leader's end: %.2f s\n",
              to_seconds(watch.elapsed()));
  start_master(first);
}

TEST_F(Masters, those_that_do_not_lead_send_clients_to_the_one_that_does) {
  const Daemon& leading = masters_[leader().value()];
  for (const Daemon& master : masters_) {
    // One hears of the leader from the ensemble, which may be a moment after the agents did.
    ASSERT_TRUE(eventually([&] { return status_of(master, "/redirect") == 307; }));
    EXPECT_EQ(get(master, "/health").value().status, 200);
    EXPECT_EQ(get(master, "/flags").value().status, 200);
    const auto redirect = get(master, "/redirect").value();
    EXPECT_EQ(redirect.status, 307);
    EXPECT_EQ(redirect.headers.at("location"), "//" + leading.address);
    const Ended listed =
        run({built("bin/mesolite"), "agents", "--master=" + master.address, "--json"});
    EXPECT_EQ(listed.status, 0) << listed.errors;
    if (&master == &leading) continue;
    const auto state = get(master, "/master/state?x=1").value();
    EXPECT_EQ(state.status, 307);
    EXPECT_EQ(state.headers.at("location"), "//" + leading.address + "/master/state?x=1");
  }
  const Ended listed = run({built("bin/mesolite"), "agents", "--master=" + url_});
  EXPECT_EQ(listed.status, 0) << listed.errors;
  // The bus of one that does not lead sends on, too: its clients end up where they should.
  const Ended weights = run({built("bin/mesolite"), "weights", "--master=" + url_});
  EXPECT_EQ(weights.status, 0) << weights.errors;
}

TEST_F(Masters, the_credential_of_their_ensemble_is_in_no_answer_and_no_log) {
  for (const Daemon& master : masters_) {
    for (const char* path : {"/flags", "/state"}) {
      EXPECT_EQ(get(master, path).value().body.find("secret"), std::string::npos) << path;
    }
    EXPECT_EQ(master.program->errors().find("secret"), std::string::npos);
  }
}

TEST_F(Masters, what_operators_set_is_known_to_the_next_leader) {
  ASSERT_EQ(run({built("bin/mesolite"), "weights", "--master=" + url_, "eng=3"}).status, 0);
  const std::size_t first = leader().value();
  masters_[first].program->signal(SIGKILL);
  ASSERT_TRUE(masters_[first].program->wait());
  ASSERT_TRUE(eventually([&] { return leader().has_value(); }));
  EXPECT_TRUE(eventually([&] {
    return run({built("bin/mesolite"), "weights", "--master=" + url_}).output.find("eng") !=
           std::string::npos;
  }));
  start_master(first);
}

TEST_F(Masters, a_leader_that_was_stopped_for_a_while_does_no_harm_when_it_goes_on) {
  run_tasks(4);
  const std::size_t first = leader().value();
  masters_[first].program->signal(SIGSTOP);
  ASSERT_TRUE(eventually([&] { return scheduler_->reregistrations() == 1; }));
  ASSERT_TRUE(eventually([&] { return active_agents(first) == 2; }));
  masters_[first].program->signal(SIGCONT);
  // As it wakes, the lease is over: it becomes one of the others.
  ASSERT_TRUE(eventually([&] { return status_of(masters_[first], "/state") == 307; }));
  EXPECT_THAT(masters_[first].program->errors(), HasSubstr("stepped_down"));
  EXPECT_TRUE(eventually([&] { return active_agents() == 2; }));
  expect_tasks_untouched();
}

TEST_F(Masters, without_their_ensemble_nobody_leads_and_with_it_all_goes_on) {
  run_tasks(4);
  ensemble->freeze();
  EXPECT_TRUE(eventually([&] {
    return std::none_of(masters_.begin(), masters_.end(),
                        [](const Daemon& master) { return leads(master); });
  }));
  EXPECT_EQ(scheduler_->reregistrations(), 0u);
  ensemble->thaw();
  const Stopwatch watch;
  ASSERT_TRUE(eventually([&] { return scheduler_->reregistrations() >= 1; }, 60s));
  ASSERT_TRUE(eventually([&] { return active_agents() == 2; }));
  std::printf("[ figures  ] service after the ensemble's return: %.2f s\n",
              to_seconds(watch.elapsed()));
  EXPECT_LT(watch.elapsed(), 15s + busy_margin);
  expect_tasks_untouched();
}

}  // namespace
}  // namespace mesolite::harness

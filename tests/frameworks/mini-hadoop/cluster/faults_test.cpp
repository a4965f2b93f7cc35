// Defends: whatever is killed during a job, its result is exact and comes once.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "mesolite/base/random.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

namespace fs = std::filesystem;

// How long the job is, and the torments beside it: with MESOLITE_LONG=1 a minute, one of them every
// two seconds. The slots cannot do all maps while the kills go on, even if nothing got lost.
struct Pace {
  Duration between;
  Duration restart_after;  // of an agent
  int kills;
  int maps;
};

Pace pace() {
  const char* const wish = std::getenv("MESOLITE_LONG");
  const bool is_long = wish != nullptr && *wish == '1';
  return is_long ? Pace{2s, 1s, 30, 900} : Pace{700ms, 300ms, 6, 70};
}

class Faults : public ::testing::Test {
 protected:
  Faults() {
    std::ofstream out(directory_ / "in", std::ios::binary);
    Random random(1);
    for (int line = 0; line < lines_; ++line) out << "word" << random.below(500) << '\n';
  }

  std::vector<std::string> environment() const {
    return {"MINI_HADOOP_HOME=" + (directory_ / "home").string()};
  }

  // Word count with commands, of which each map takes a while.
  std::vector<std::string> job(int maps = 20) const {
    return {built("bin/mini-hadoop"),
            "streaming",
            "-master",
            cluster_.master(),
            "-input",
            (directory_ / "in").string(),
            "-output",
            output().string(),
            "-mapper",
            "sleep 0.4; cat",
            "-reducer",
            "uniq -c",
            "-numReduceTasks",
            std::to_string(reduces_),
            "--split-size",
            std::to_string(fs::file_size(directory_ / "in") / static_cast<std::size_t>(maps)),
            "--cpus",
            "1"};
  }

  Ended mini_hadoop(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), built("bin/mini-hadoop"));
    return run(std::move(arguments), environment());
  }

  std::string job_id() const {
    std::istringstream in(mini_hadoop({"jobs"}).output);
    std::string line;
    std::getline(in, line);
    std::string id;
    in >> id;
    return id;
  }

  // "count<TAB>word" pairs of all parts, sorted, blanks made one.
  std::string actual() const {
    const std::string parts = output().string() + "/part-r-*";
    return run({"/bin/sh", "-c", "cat " + parts + " | awk '{print $1, $2}' | sort"}, {"LC_ALL=C"})
        .output;
  }
  std::string expected() const {
    const std::string input = (directory_ / "in").string();
    return run({"/bin/sh", "-c", "sort " + input + " | uniq -c | awk '{print $1, $2}' | sort"},
               {"LC_ALL=C"})
        .output;
  }

  void expect_exact() {
    EXPECT_TRUE(fs::exists(output() / "_SUCCESS"));
    EXPECT_FALSE(fs::exists(output() / "_temporary"));
    EXPECT_EQ(actual(), expected());
    EXPECT_TRUE(eventually([&] { return cluster_.idle(); }));
  }

  // The one job that was started here.
  std::unique_ptr<Program> resume_after_kill(Program& running) {
    running.signal(SIGKILL);
    running.wait();
    return std::make_unique<Program>(
        std::vector<std::string>{built("bin/mini-hadoop"), "resume", job_id()}, environment());
  }

  void kill_an_executor(std::size_t agent) {
    for (const pid_t pid : descendants_of(cluster_.agent_program(agent).process().pid())) {
      std::error_code error;
      const fs::path program = fs::read_symlink("/proc/" + std::to_string(pid) + "/exe", error);
      if (program.filename() == "mini-hadoop") ::kill(pid, SIGKILL);
    }
  }

  bool some_task_is(const std::string& state) const {
    return cluster_.get("/tasks").find("TASK_" + state) != std::string::npos;
  }
  fs::path output() const { return directory_ / "out"; }

  const int reduces_ = 2;
  const int slots_ = 6;  // of all agents
  const int lines_ = 10'000;
  Scratch directory_;
  Cluster cluster_{{.agents = 3,
                    .resources = "cpus:2;mem:4096",
                    .master_flags = {"--agent_reregister_timeout=200ms"}}};
};

TEST_F(Faults, of_executors_agents_and_the_scheduler_again_and_again_leave_the_result_exact) {
  const Pace pace = harness::pace();
  auto running = std::make_unique<Program>(job(pace.maps), environment());
  ASSERT_TRUE(eventually([&] { return some_task_is("RUNNING"); })) << running->errors();
  Random random(2);
  std::optional<int> status;
  int kills = 0;
  for (; !status && kills < pace.kills; ++kills) {
    const std::size_t agent = random.below(3);
    if (kills == pace.kills / 2) {
      running = resume_after_kill(*running);
      status = running->wait(pace.between);
    } else if (random.chance(0.5)) {
      kill_an_executor(agent);
      status = running->wait(pace.between);
    } else {
      cluster_.lose_agent(agent);
      status = running->wait(pace.restart_after);
      cluster_.start_agent(agent);
      if (!status) status = running->wait(pace.between - pace.restart_after);
    }
  }
  if (!status) status = running->wait(300s);
  EXPECT_EQ(status, 0) << running->errors();
  EXPECT_EQ(kills, pace.kills);
  expect_exact();
}

TEST_F(Faults, of_the_scheduler_let_the_job_be_taken_up_without_doing_its_maps_again) {
  Program running(job(), environment());
  ASSERT_TRUE(eventually([&] { return some_task_is("FINISHED"); })) << running.errors();
  running.signal(SIGKILL);
  running.wait();
  const std::string id = job_id();
  EXPECT_NE(mini_hadoop({"jobs"}).output.find("interrupted"), std::string::npos);
  const Ended resumed = mini_hadoop({"resume", id});
  EXPECT_EQ(resumed.status, 0) << resumed.errors;
  expect_exact();
  // What was done is not done again. What ran then may be: if it ended while nobody listened, its
  // report comes late, and a second attempt may be quicker.
  const std::string status = mini_hadoop({"status", id}).output;
  EXPECT_NE(status.find("state    succeeded"), std::string::npos) << status;
  const int maps = std::atoi(status.c_str() + status.find(" of ") + 4);
  const int attempts = std::atoi(status.c_str() + status.find("attempts ") + 9);
  EXPECT_GE(attempts, maps + reduces_) << status;
  EXPECT_LE(attempts, maps + reduces_ + slots_) << status;
}

TEST_F(Faults, wanted_by_a_person_end_the_job_and_leave_nothing) {
  Program running(job(), environment());
  ASSERT_TRUE(eventually([&] { return some_task_is("RUNNING"); })) << running.errors();
  EXPECT_EQ(mini_hadoop({"kill", job_id()}).status, 0);
  EXPECT_EQ(running.wait(), 130) << running.errors();
  EXPECT_FALSE(fs::exists(output()));
  EXPECT_NE(mini_hadoop({"history"}).output.find("\"state\":\"killed\""), std::string::npos);
  EXPECT_TRUE(eventually([&] { return cluster_.idle(); }));
}

}  // namespace
}  // namespace mesolite::harness

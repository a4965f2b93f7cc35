// mini-hadoop on a real cluster: the counts are exact, whatever dies meanwhile.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

namespace fs = std::filesystem;

constexpr const char* licences = "/usr/share/common-licenses";

class WordCount : public ::testing::Test {
 protected:
  // The licences of the system, `copies` times each.
  void write_input(int copies) {
    copies_ = copies;
    fs::create_directory(input());
    std::ofstream once(directory_ / "once", std::ios::binary);
    for (const auto& entry : fs::directory_iterator(licences)) {
      if (!entry.is_regular_file()) continue;
      const std::string text = read_file(entry.path());
      std::ofstream out(input() / entry.path().filename(), std::ios::binary);
      for (int i = 0; i < copies; ++i) out << text << '\n';
      once << text << '\n';
    }
  }

  std::vector<std::string> job(const Cluster& cluster) const {
    return {built("bin/mini-hadoop"), "wordcount", "--master", cluster.master(),
            "--split-size",           "1M",        "--output", output().string(),
            input().string()};
  }

  // Where mini-hadoop keeps what it knows of its jobs.
  std::vector<std::string> environment() const {
    return {"MINI_HADOOP_HOME=" + (directory_ / "home").string()};
  }

  // What coreutils count in one copy, times the copies, as the lines of the job's output.
  std::vector<std::string> expected_lines() const {
    const std::string count = "tr -s '[:space:]' '\\n' | grep -v '^$' | sort | uniq -c";
    const std::string print =
        "awk -v n=" + std::to_string(copies_) + " '{print $2 \"\\t\" $1 * n}'";
    const std::string file = (directory_ / "once").string();
    const Ended counted =
        run({"/bin/sh", "-c", "cat " + file + " | " + count + " | " + print}, {"LC_ALL=C"});
    return sorted_lines(counted.output);
  }

  std::vector<std::string> actual_lines() const {
    std::string text;
    for (const auto& entry : fs::directory_iterator(output())) {
      if (entry.path().filename().string().starts_with("part-")) text += read_file(entry.path());
    }
    return sorted_lines(text);
  }

  void expect_exact() const {
    EXPECT_TRUE(fs::exists(output() / "_SUCCESS"));
    const auto expected = expected_lines();
    EXPECT_GT(expected.size(), 1000u);
    EXPECT_TRUE(actual_lines() == expected) << "the counts differ";
  }

  fs::path input() const { return directory_ / "in"; }
  fs::path output() const { return directory_ / "out"; }

 private:
  static std::vector<std::string> sorted_lines(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  Scratch directory_;
  int copies_ = 1;
};

TEST_F(WordCount, counts_as_coreutils_do) {
  if (!fs::exists(licences)) GTEST_SKIP() << "no text in " << licences;
  write_input(1);
  Cluster cluster({.agents = 3});
  const Ended ended = run(job(cluster), environment());
  EXPECT_EQ(ended.status, 0) << ended.errors;
  expect_exact();
  EXPECT_TRUE(eventually([&] { return cluster.idle(); }));
}

TEST_F(WordCount, is_exact_even_if_a_machine_is_lost_in_the_middle) {
  if (!fs::exists(licences)) GTEST_SKIP() << "no text in " << licences;
  write_input(200);
  Cluster cluster({.agents = 3, .master_flags = {"--agent_reregister_timeout=200ms"}});
  Program running(job(cluster), environment());
  ASSERT_TRUE(eventually([&] {
    return cluster.get("/tasks").find("TASK_FINISHED") != std::string::npos;
  })) << running.errors();
  cluster.lose_agent(0);
  EXPECT_EQ(running.wait(120s), 0) << running.errors();
  expect_exact();
}

TEST_F(WordCount, ends_with_its_executors_when_it_is_interrupted) {
  if (!fs::exists(licences)) GTEST_SKIP() << "no text in " << licences;
  write_input(200);
  Cluster cluster({.agents = 2});
  Program running(job(cluster), environment());
  ASSERT_TRUE(eventually([&] {
    return cluster.get("/tasks").find("TASK_RUNNING") != std::string::npos;
  })) << running.errors();
  running.signal(SIGINT);
  EXPECT_EQ(running.wait(), 128 + SIGINT);
  EXPECT_FALSE(fs::exists(output() / "_SUCCESS"));
  EXPECT_TRUE(eventually([&] { return cluster.idle(); }));
}

}  // namespace
}  // namespace mesolite::harness

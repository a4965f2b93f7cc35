// Each allocator, chosen by one flag and set up in the configuration file, runs a task, and says
// why it does not offer enough for another.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

struct Case {
  std::string allocator;
  std::string parameters;  // its table in the configuration file
};

void PrintTo(const Case& what, std::ostream* out) {
  *out << what.allocator;
}

class Allocators : public ::testing::TestWithParam<Case> {};

TEST_P(Allocators, run_a_task_with_one_flag_and_their_parameters) {
  const Scratch directory;
  const std::filesystem::path file = directory.path() / "master.toml";
  std::ofstream(file) << "[modules." << GetParam().allocator << "]\n" << GetParam().parameters;
  ClusterOptions options;
  options.master_flags = {"--allocator=" + GetParam().allocator, "--config=" + file.string()};
  const Cluster cluster(options);
  const Ended ended = run(
      {built("bin/mesolite"), "run", "--master", cluster.master(), "--", "sh", "-c", "echo hello"});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  EXPECT_EQ(ended.output, "hello\n");

  Program hungry({built("bin/mesolite"), "run", "--master", cluster.master(), "--name", "hungry",
                  "--mem", "100000", "--", "true"});
  const auto explained = [&] {
    return run({built("bin/mesolite"), "explain", "--master", cluster.master(),
                "mesolite run: hungry", "--wants", "mem:100000"});
  };
  EXPECT_TRUE(eventually([&] {
    return explained().output.find("1 lack mem: wants 100000, best has 4096\n") !=
           std::string::npos;
  })) << explained().output
      << explained().errors;
  hungry.signal(SIGINT);
  EXPECT_TRUE(hungry.wait());
}

INSTANTIATE_TEST_SUITE_P(
    All, Allocators,
    ::testing::Values(Case{"hierarchical", ""}, Case{"fifo", "priorities = { prod = 10 }\n"},
                      Case{"weighted-random", ""}, Case{"best-fit", "choices = 4\n"},
                      Case{"capacity", "capacity = { prod = 60, \"*\" = 40 }\n"}),
    [](const auto& tested) {
      std::string name = tested.param.allocator;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

}  // namespace
}  // namespace mesolite::harness

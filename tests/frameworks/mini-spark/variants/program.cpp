// Sends stages to another process of this executable, whose image lies elsewhere in memory if it
// can, and compares what they give there. Built in every way in which offsets of code may differ.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "frameworks/mini-spark/engine/run_task.hpp"
#include "frameworks/mini-spark/nodes/action.hpp"
#include "frameworks/mini-spark/nodes/sources.hpp"
#include "frameworks/mini-spark/ship/plan.hpp"
#include "tests/frameworks/mini-spark/variants/parts.hpp"

namespace mesolite::spark {
namespace {

namespace fs = std::filesystem;

struct Change {
  std::int64_t operator()(std::int64_t x) const { return x + 1; }
};

// In the other process: runs partition 0 of the stage in the file; the sum is the exit status.
int run_stage(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto stage = decode_stage(bytes);
  if (!stage) return 255;
  EnvironmentOptions options;
  options.scratch = fs::temp_directory_path().string();
  Environment environment(options);
  const TaskOutcome outcome = run_task(environment, **stage, {}, {});
  if (outcome.end != TaskEnd::finished) return 254;
  return static_cast<int>(unpacked<std::int64_t>(outcome.result.view()));
}

int sum_elsewhere(const NumbersNode& numbers, const char* self) {
  const auto add = [](std::int64_t a, std::int64_t b) { return a + b; };
  using Op = AggregateOp<std::int64_t, std::int64_t, decltype(add)>;
  const auto end = std::make_shared<ActionNode<std::int64_t, Op>>(
      NodeSeed{9, "sum", 1, {}, {numbers}}, Op{0, add});
  const std::string bytes = encode_stage(end).value();
  const fs::path path =
      fs::temp_directory_path() / ("mini-spark-variant-" + std::to_string(getpid()));
  std::ofstream(path, std::ios::binary) << bytes;
  const pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", self, path.c_str(), nullptr);
    _exit(253);
  }
  int status = 0;
  waitpid(child, &status, 0);
  fs::remove(path);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

NumbersNode changed_here(const NumbersNode& numbers) {
  return mapped(2, numbers, Change{});
}

}  // namespace mesolite::spark

int main(int argc, char** argv) {
  namespace spark = mesolite::spark;
  if (argc > 1) return spark::run_stage(argv[1]);
  const auto one = std::make_shared<spark::RangeNode>(spark::NodeSeed{1, "range", 1}, 1, 1, 1);
  const int here = spark::sum_elsewhere(spark::changed_here(one), argv[0]);
  const int there = spark::sum_elsewhere(spark::changed_there(one), argv[0]);
  const int both = spark::sum_elsewhere(spark::changed_there(spark::changed_here(one)), argv[0]);
  std::printf("x + 1: %d, 100 x: %d, 100 (x + 1): %d\n", here, there, both);
  return here == 2 && there == 100 && both == 200 ? 0 : 1;
}

// run(): the main() of a program. The same executable is driver and worker: which one, its
// arguments say.
//
//   int main(int argc, char** argv) {
//     return mesolite::spark::run(argc, argv, [](SparkContext& spark, const Arguments&) {
//       std::printf("%.0f\n", spark.range(0, 1'000).map([](auto x) { return x * 2.0; }).sum());
//     });
//   }
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "frameworks/mini-spark/api/rdd.hpp"

namespace mesolite::spark {

using Arguments = std::vector<std::string>;  // of the program, without those of mini-spark

// Returns the exit status: 0, or 1 after one sentence on stderr about what `program` threw, or 64
// after one about wrong options.
int run(int argc, char** argv, const std::function<void(SparkContext&, const Arguments&)>& program);

// The exit status of the worker that the arguments ask for; nothing if they ask for none. For a
// main() of another kind: to be called first.
std::optional<int> run_if_worker(int argc, char** argv);

}  // namespace mesolite::spark

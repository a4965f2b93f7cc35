#include "frameworks/mini-spark/api/program.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "frameworks/mini-spark/cluster/worker.hpp"

namespace mesolite::spark {
namespace {

constexpr int usage_status = 64;  // EX_USAGE

int run_as_worker() {
  const char* const text = std::getenv(worker_variable);
  const auto options = parse_worker_options(text != nullptr ? text : "");
  if (options) return run_worker(*options);
  std::fprintf(stderr, "%s is started by mini-spark itself: %s\n", worker_argument,
               options.error().message.c_str());
  return usage_status;
}

}  // namespace

std::optional<int> run_if_worker(int argc, char** argv) {
  if (argc < 2 || std::string(argv[1]) != worker_argument) return std::nullopt;
  return run_as_worker();
}

int run(int argc, char** argv,
        const std::function<void(SparkContext&, const Arguments&)>& program) {
  if (const auto status = run_if_worker(argc, argv)) return *status;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  auto parsed = parse_options(arguments);
  if (!parsed) {
    std::fprintf(stderr, "%s: %s\n", argv[0], parsed.error().message.c_str());
    return usage_status;
  }
  if (parsed->options.name == Options{}.name) {
    parsed->options.name = std::filesystem::path(argv[0]).filename().string();
  }
  try {
    SparkContext context(parsed->options);
    program(context, parsed->rest);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 1;
  }
}

}  // namespace mesolite::spark

// The worker: the same executable as the driver, started by an agent with --worker. It connects to
// its driver, runs the tasks that it is sent, and ends with the connection.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/fields.hpp"

namespace mesolite::spark {

struct WorkerOptions {
  std::string driver;  // "ip:port"
  std::uint64_t executor = 0;
  std::string token;
  std::uint32_t slots = 1;
  std::uint64_t memory = 0;  // bytes
  MESOLITE_FIELDS(driver, executor, token, slots, memory);
};

// The argument that makes a program a worker; its options follow in the environment.
inline constexpr const char* worker_argument = "--worker";
inline constexpr const char* worker_variable = "MINI_SPARK_WORKER";

std::string to_text(const WorkerOptions& options);
Result<WorkerOptions> parse_worker_options(const std::string& text);

// Serves until the driver says stop or is gone; the process's exit status.
int run_worker(const WorkerOptions& options);

}  // namespace mesolite::spark

// The command line of mini-hadoop as a value. CLI11 stays in options.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "frameworks/mini-hadoop/api/classes.hpp"

namespace mesolite::hadoop {

enum class Command { job, executor, resume, jobs, status, counters, kill, history };

struct CommandLine {
  Command command = Command::job;
  std::string job;        // one of the examples, "streaming" or "library"
  Parameters parameters;  // of it
  std::string master = "127.0.0.1:5050";
  std::string output;
  std::uint32_t reducers = 2;
  std::uint64_t split_size = 0;
  std::uint64_t memory = std::uint64_t{128} << 20;
  double cpus = 1;
  std::string authenticator = "none";
  std::string principal;
  std::string secret_file;
  std::uint64_t skip_bad_records = 0;  // of each map task
  bool quiet = false;
  std::string id;  // of the job that is asked about
  std::vector<std::string> inputs;
  std::vector<std::string> right_inputs;  // of a join
  std::vector<std::string> files;         // to ship to the executors
  std::string ip = "127.0.0.1";           // where executors reach this program
};

// What to do, or the exit status after what there was to say has been said (help, a bad option).
std::variant<CommandLine, int> parse_command_line(int argc, const char* const* argv);

}  // namespace mesolite::hadoop

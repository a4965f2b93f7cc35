// The command line of mini-hadoop as a value. CLI11 stays in options.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace mesolite::hadoop {

enum class Command { word_count, grep, executor };

struct CommandLine {
  Command command = Command::word_count;
  std::string master = "127.0.0.1:5050";
  std::string output;
  std::uint32_t reducers = 2;
  std::uint64_t split_size = 0;
  std::uint64_t memory = std::uint64_t{128} << 20;
  double cpus = 1;
  std::string authenticator = "none";
  std::string principal;
  std::string secret_file;
  bool quiet = false;
  std::string pattern;  // grep
  bool literal = false;
  std::vector<std::string> inputs;
};

// What to do, or the exit status after what there was to say has been said (help, a bad option).
std::variant<CommandLine, int> parse_command_line(int argc, const char* const* argv);

}  // namespace mesolite::hadoop

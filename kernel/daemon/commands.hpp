// The commands of `mesolite`: what each is told, and the function that carries it out and answers
// with the exit status.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mesolite::daemon {

struct LocalOptions {
  int agents = 1;
  std::uint16_t port = 5050;
  std::string resources;           // of each agent; empty: the machine's, shared out
  std::filesystem::path work_dir;  // empty: a temporary one
};
int local_command(const LocalOptions& options);

struct RunOptions {
  std::string master;
  double cpus = 1;
  double mem = 128;  // MB
  double disk = 0;   // MB
  std::string name;  // empty: the command's
  std::string role = "*";
  std::string authenticator = "none";
  std::string principal;
  std::string secret_file;
  std::vector<std::string> environment;  // "NAME=value"
  std::vector<std::string> command;      // not empty
};
int run_command(const RunOptions& options);

enum class Listed { agents, frameworks, tasks };
struct ListOptions {
  std::string master;
  bool json = false;
  bool all = false;  // completed ones too
};
int list_command(Listed what, const ListOptions& options);

struct ModulesOptions {
  std::filesystem::path directory;  // empty: the installed one
};
int modules_command(const ModulesOptions& options);

}  // namespace mesolite::daemon

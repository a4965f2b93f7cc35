#include "tests/support/program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "mesolite/base/check.hpp"

#ifndef MESOLITE_BUILD_DIR
#error "the build says where programs lie"
#endif

namespace mesolite::harness {
namespace {

namespace fs = std::filesystem;

daemon::Descriptor create(const fs::path& path) {
  return daemon::Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
}

void add_descendants(pid_t process, std::vector<pid_t>& found) {
  std::error_code ignored;  // a process may end while we look
  const fs::path tasks = fs::path("/proc") / std::to_string(process) / "task";
  for (const auto& task : fs::directory_iterator(tasks, ignored)) {
    std::ifstream children(task.path() / "children");
    for (pid_t pid = 0; children >> pid;) {
      found.push_back(pid);
      add_descendants(pid, found);
    }
  }
}

// Empty for what has ended and is only not waited for.
std::string command_line(pid_t process) {
  std::string line = read_file(fs::path("/proc") / std::to_string(process) / "cmdline");
  std::replace(line.begin(), line.end(), '\0', ' ');
  return line;
}

}  // namespace

std::string built(const std::string& program) {
  return std::string(MESOLITE_BUILD_DIR) + "/" + program;
}

Program::Program(std::vector<std::string> arguments, std::vector<std::string> environment) {
  const auto output = create(files_ / "stdout");
  const auto errors = create(files_ / "stderr");
  daemon::ProcessOptions options;
  options.arguments = std::move(arguments);
  options.environment = std::move(environment);
  options.standard_output = output.get();
  options.standard_error = errors.get();
  options.death_signal = SIGKILL;
  auto started = daemon::Process::start(options);
  if (!started) ADD_FAILURE() << started.error().message;
  MESOLITE_CHECK(started, "a program under test can be started");
  process_.emplace(std::move(*started));
}

std::optional<int> Program::wait(Duration timeout) {
  const auto status = process_->wait(timeout);
  if (!status) return std::nullopt;
  return daemon::shell_status(*status);
}

bool Program::says(const std::string& text, Duration timeout) {
  const auto said = [&] { return output().find(text) != std::string::npos; };
  eventually([&] { return said() || process_->exit_status().has_value(); }, timeout);
  return said();
}

Ended run(std::vector<std::string> arguments, std::vector<std::string> environment) {
  const std::string name = arguments.front();
  Program program(std::move(arguments), std::move(environment));
  const auto status = program.wait();
  EXPECT_TRUE(status) << name << " does not end";
  return {status.value_or(-1), program.output(), program.errors()};
}

Leftovers::Leftovers() {
  daemon::become_subreaper();
  before_ = descendants_of(::getpid());
}

Leftovers::~Leftovers() {
  for (const pid_t process : descendants_of(::getpid())) {
    const bool shared = std::find(before_.begin(), before_.end(), process) != before_.end();
    const std::string line = command_line(process);
    if (shared || line.empty()) continue;
    ADD_FAILURE() << "still runs: " << line;
    if (!before_.empty()) ::kill(process, SIGKILL);
  }
  if (before_.empty()) daemon::kill_descendants();
}

std::vector<pid_t> descendants_of(pid_t process) {
  std::vector<pid_t> found;
  add_descendants(process, found);
  return found;
}

std::vector<pid_t> descendants_with(const std::string& text) {
  std::vector<pid_t> found = descendants_of(::getpid());
  std::erase_if(
      found, [&](pid_t process) { return command_line(process).find(text) == std::string::npos; });
  return found;
}

std::vector<std::string> descendants() {
  std::vector<std::string> lines;
  for (const pid_t process : descendants_of(::getpid())) {
    const std::string line = command_line(process);
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> descendants_named(const std::string& text) {
  std::vector<std::string> lines = descendants();
  std::erase_if(lines,
                [&](const std::string& line) { return line.find(text) == std::string::npos; });
  return lines;
}

}  // namespace mesolite::harness

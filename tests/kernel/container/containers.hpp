// Containers of a containerizer of their own, with a real launcher. Every test waits on what the
// containerizer reports, with a deadline, and ends what it started (the destructor does).
#pragma once

#include <gmock/gmock.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "kernel/container/containerizer.hpp"
#include "tests/kernel/container/work_dir.hpp"

namespace mesolite::container {

inline constexpr auto patience = 20s;
inline constexpr const char* launcher_program =
    MESOLITE_BUILD_DIR "/libexec/mesolite/mesolite-launch";

inline std::string read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Whether a process of this number lives (zombies do not).
inline bool lives(pid_t pid) {
  const std::string stat = read("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = stat.rfind(')');
  return name_end != std::string::npos && stat[name_end + 2] != 'Z';
}

// Calls for as long as it is not satisfied, with a short poll between.
template <class Condition>
bool wait_until(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

class Containers : public testing::Test {
 protected:
  void SetUp() override { create({}); }

  void create(std::vector<NamedIsolator> isolators) {
    containerizer_.reset();
    Settings settings;
    settings.work_dir = work_.path();
    settings.launcher = launcher_program;
    settings.patience_without_agent = patience_without_agent_;
    settings.cgroup_root = cgroup_root_;
    settings.checker = MESOLITE_BUILD_DIR "/libexec/mesolite/mesolite-check";
    settings.fetcher.program = MESOLITE_BUILD_DIR "/libexec/mesolite/mesolite-fetch";
    settings.fetcher.cache_directory = work_.path() + "/cache";
    settings.logs = logs_;
    auto created = Containerizer::create(settings, std::move(isolators));
    ASSERT_TRUE(created) << created.error().message;
    containerizer_ = std::move(*created);
  }

  LaunchRequest request(const std::string& id, const std::string& line) {
    LaunchRequest request;
    request.context.id = ContainerId(id);
    request.context.sandbox = work_.sandbox(id);
    request.command.value = line;
    request.environment = {{"PATH", "/usr/bin:/bin"}};
    return request;
  }

  void launch(const std::string& id, const std::string& line) {
    containerizer_->launch(request(id, line));
  }

  // The next outcome of this kind for the container; others wait for their turn.
  template <class Kind>
  std::optional<Kind> next(const std::string& id) {
    std::optional<Kind> found;
    wait_until([&] {
      for (auto& outcome : containerizer_->take_outcomes()) waiting_.push_back(std::move(outcome));
      const auto match = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& outcome) {
        const auto* kind = std::get_if<Kind>(&outcome);
        return kind != nullptr && kind->container == ContainerId(id);
      });
      if (match == waiting_.end()) return false;
      found = std::move(std::get<Kind>(*match));
      waiting_.erase(match);
      return true;
    });
    return found;
  }

  // Runs a line to its end and gives its exit status as waitpid(2) does.
  int run(const std::string& id, const std::string& line) {
    launch(id, line);
    const auto launched = next<Launched>(id);
    if (!launched || !launched->pid) return -1;
    const auto exited = next<Exited>(id);
    return exited ? exited->exit_status : -1;
  }

  // What one look at a container finds.
  Checked check(const std::string& id, Check check) {
    containerizer_->check(ContainerId(id), ++last_check_, std::move(check));
    const auto checked = next<Checked>(id);
    EXPECT_TRUE(checked);
    if (!checked) return {};
    EXPECT_EQ(checked->number, last_check_);
    return *checked;
  }
  Checked check_by_command(const std::string& id, const std::string& line, Duration timeout = 20s) {
    Check command;
    command.kind = CheckKind::command;
    command.command.value = line;
    command.timeout = timeout;
    return check(id, command);
  }

  std::string output(const std::string& id) { return read(work_.sandbox(id) + "/stdout"); }

  // The pid that a container writes into a file of its sandbox.
  pid_t pid_in(const std::string& id, const std::string& file) {
    std::string text;
    wait_until([&] {
      text = read(work_.sandbox(id) + "/" + file);
      return text.ends_with('\n');
    });
    return text.empty() ? -1 : std::stoi(text);
  }

  WorkDir work_;
  const std::string cgroup_root_ = "mesolite-test-" + std::to_string(::getpid());
  Duration patience_without_agent_{0};
  LogLimits logs_;
  std::unique_ptr<Containerizer> containerizer_;
  std::vector<Outcome> waiting_;
  std::uint64_t last_check_ = 0;
};

}  // namespace mesolite::container

// Checks that the agent asks for: a process for each (check/), ended when it takes too long.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "kernel/container/worker.hpp"

namespace mesolite::container {
namespace {

constexpr std::size_t answer_bytes_max = 64u << 10;

Descriptor memory_file(const char* name) {
  return Descriptor(::memfd_create(name, MFD_CLOEXEC));
}

std::string read_from_start(const Descriptor& file) {
  std::string text(answer_bytes_max, '\0');
  const ssize_t count = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

}  // namespace

void Containerizer::Worker::begin_check(const ContainerId& id, std::uint64_t number,
                                        const Check& check) {
  const auto known = containers_.find(id);
  if (known == containers_.end() || known->second.context.pid == 0) return;
  CheckOrder order;
  order.check = check;
  order.pid = known->second.context.pid;
  order.cgroup_mount = settings_.cgroup_mount.empty() ? "/sys/fs/cgroup" : settings_.cgroup_mount;
  RunningCheck running{id, number, 0, memory_file("answer"), check.timeout, 0};
  const auto pid = spawn_check(order, running.answer);
  if (!pid) return report_check(id, number, {false, pid.error().message});
  running.pid = *pid;
  Watch ended;
  ended.kind = WatchKind::check;
  ended.owned = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  ended.descriptor = ended.owned.get();
  running.watch = watch(std::move(ended));
  checks_due_.emplace(Clock::now() + check.timeout, running.watch);
  checks_.emplace(running.watch, std::move(running));
}

// In a session of its own, so that all that a command starts can be ended with it.
Result<pid_t> Containerizer::Worker::spawn_check(const CheckOrder& order,
                                                 const Descriptor& answer) {
  const Descriptor input = memory_file("order");
  const std::string text = encode(order);
  if (!input || !answer ||
      ::pwrite(input.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return system_failure("cannot tell the check what to do", errno);
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, answer.get(), check_answer);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  std::array<char*, 2> arguments = {const_cast<char*>(settings_.checker.c_str()), nullptr};
  std::array<char*, 1> environment = {nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, settings_.checker.c_str(), &actions, &attributes,
                                  arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return system_failure("cannot start '" + settings_.checker + "'", error);
  return pid;
}

void Containerizer::Worker::check_ended(std::uint64_t number) {
  const auto ended = checks_.extract(number);
  unwatch(number);
  if (ended.empty()) return;
  const RunningCheck& running = ended.mapped();
  ::kill(-running.pid, SIGKILL);  // what it may have left behind; its number is ours until reaped
  ::waitpid(running.pid, nullptr, 0);
  auto outcome = decode<CheckOutcome>(read_from_start(running.answer));
  if (!outcome) {
    outcome = CheckOutcome{false, "took longer than " + to_text(running.timeout)};
  }
  report_check(running.container, running.number, std::move(*outcome));
}

void Containerizer::Worker::end_overdue_checks() {
  const auto now = Clock::now();
  while (!checks_due_.empty() && checks_due_.begin()->first <= now) {
    const auto running = checks_.find(checks_due_.begin()->second);
    checks_due_.erase(checks_due_.begin());
    if (running != checks_.end()) ::kill(-running->second.pid, SIGKILL);
  }
}

void Containerizer::Worker::report_check(const ContainerId& id, std::uint64_t number,
                                         CheckOutcome outcome) {
  if (!containers_.contains(id)) return;
  report(Checked{id, number, outcome.passed, std::move(outcome.message)});
}

}  // namespace mesolite::container

// Checks that the agent asks for: a process for each (check/), ended when it takes too long.
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "kernel/container/helper.hpp"
#include "kernel/container/worker.hpp"

namespace mesolite::container {
namespace {

constexpr std::size_t answer_bytes_max = 64u << 10;

}  // namespace

void Containerizer::Worker::begin_check(const ContainerId& id, std::uint64_t number,
                                        const Check& check) {
  const auto known = containers_.find(id);
  if (known == containers_.end() || known->second.context.pid == 0) return;
  CheckOrder order;
  order.check = check;
  order.pid = known->second.context.pid;
  if (check.kind == CheckKind::command) order.seccomp_filter = known->second.seccomp_filter;
  order.cgroup_mount = settings_.cgroup_mount.empty() ? "/sys/fs/cgroup" : settings_.cgroup_mount;
  auto answer = make_order("");
  if (!answer) return report_check(id, number, {false, answer.error().message});
  RunningCheck running{id, number, 0, std::move(*answer), check.timeout, 0};
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
  const auto input = make_order(encode(order));
  if (!input) return tl::unexpected(input.error());
  return start_helper({"the check",
                       settings_.checker,
                       {},
                       {},
                       {input->get(), null_device, null_device, answer.get()}});
}

void Containerizer::Worker::check_ended(std::uint64_t number) {
  const auto ended = checks_.extract(number);
  unwatch(number);
  if (ended.empty()) return;
  const RunningCheck& running = ended.mapped();
  ::kill(-running.pid, SIGKILL);  // what it may have left behind; its number is ours until reaped
  ::waitpid(running.pid, nullptr, 0);
  auto outcome = decode<CheckOutcome>(read_answer(running.answer, answer_bytes_max));
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

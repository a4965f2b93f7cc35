#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "kernel/container/launcher/cgroups.hpp"
#include "kernel/container/launcher/launcher.hpp"

namespace mesolite::container {
namespace {

// waitpid(2) gives the packed form, waitid(2) the other.
std::int32_t packed_status(const siginfo_t& ended) {
  if (ended.si_code == CLD_EXITED) return (ended.si_status & 0xff) << 8;
  return ended.si_code == CLD_DUMPED ? ended.si_status | 0x80 : ended.si_status;
}

}  // namespace

void Launcher::start(LauncherRequest& request) {
  const Descriptor directory = agent_->take_descriptor();
  const Descriptor standard_output = agent_->take_descriptor();
  const Descriptor standard_error = agent_->take_descriptor();
  LauncherReport answer;
  answer.event = LauncherEvent::failed;
  answer.container = request.container;
  if (containers_.contains(request.container) || ends_.contains(request.container)) {
    answer.step = "container " + request.container.value + " exists already";
    return report(answer);
  }
  LaunchSpec& spec = request.spec;
  auto spawned = spawner_.spawn(request.container, spec,
                                {directory.get(), standard_output.get(), standard_error.get()});
  if (!spawned) {
    answer.step = std::move(spawned.error().step);
    answer.error = spawned.error().error;
    return report(answer);
  }
  Container container;
  container.pid = spawned->pid;
  container.status_pipe = std::move(spawned->status);
  container.cgroups = std::move(spec.cgroups);
  container.seccomp_filter = std::move(spec.seccomp_filter);
  for (const std::string& name : spec.secret_files) {
    container.secret_files.push_back(spec.sandbox + "/" + name);
  }
  container.searched = container.cgroups.empty() && (spec.clone_flags & CLONE_NEWPID) == 0;
  if (container.searched) {
    ++searched_;
    tree_.add(request.container, container.pid, spec.sandbox);
  }
  first_processes_[container.pid] = request.container;
  answer.event = LauncherEvent::started;
  answer.pid = container.pid;
  containers_.emplace(request.container, std::move(container));
  report(answer);
}

void Launcher::signal(const ContainerId& id, int number) {
  const auto known = containers_.find(id);
  // Until the first process is reaped its number, and so its group's, cannot mean another.
  if (known != containers_.end() && !known->second.ended) ::kill(-known->second.pid, number);
}

void Launcher::destroy(Container& container) {
  if (std::exchange(container.destroyed, true)) return;
  settle_due_ = true;
  if (container.ended) return;
  if (dying_.empty()) looked_again_ = Clock::now();
  dying_.insert(first_processes_.at(container.pid));
  ::kill(-container.pid, SIGKILL);
  ::kill(container.pid, SIGKILL);  // it may have moved to another group
}

void Launcher::destroy_all() {
  stopping_ = true;
  for (auto& [id, container] : containers_) destroy(container);
}

void Launcher::forget(const ContainerId& id) {
  if (ends_.erase(id) > 0) remove_end(id);
}

void Launcher::reap() {
  signalfd_siginfo pending{};
  [[maybe_unused]] const auto read = ::read(child_signal_.get(), &pending, sizeof pending);
  while (true) {
    siginfo_t ended{};
    if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0) return;
    const auto first = first_processes_.find(ended.si_pid);
    const bool is_first = first != first_processes_.end();
    // While it is a zombie its group's number is safe to signal.
    if (is_first) ::kill(-ended.si_pid, SIGKILL);
    ::waitid(P_PID, static_cast<id_t>(ended.si_pid), &ended, WEXITED | WNOHANG);
    settle_due_ = settle_due_ || !dying_.empty();
    if (!is_first) continue;
    const ContainerId id = std::move(first->second);
    first_processes_.erase(first);
    first_process_ended(id, packed_status(ended));
  }
}

void Launcher::first_process_ended(const ContainerId& id, std::int32_t status) {
  Container& container = containers_.at(id);
  container.ended = true;
  container.status = status;
  std::int32_t told = 0;
  // An init that was killed has told nothing; its own status then says as much as there is to say.
  if (container.status_pipe &&
      ::read(container.status_pipe.get(), &told, sizeof told) == sizeof told) {
    container.status = told;
  }
  dying_.insert(id);
  settle_due_ = true;
}

void Launcher::settle(bool again) {
  settle_due_ = false;
  settled_ = Clock::now();
  if (again) looked_again_ = settled_;
  Ids surviving;
  for (const auto& id : dying_) {
    const Container& container = containers_.at(id);
    // The first process, killed a moment ago, most often takes all others along.
    if (!container.ended && !again) continue;
    for (const auto& cgroup : container.cgroups) {
      if (!kill_cgroup(cgroup)) surviving.insert(id);
    }
  }
  if (searched_ > 0 || strays_) end_orphans(surviving);
  std::vector<ContainerId> gone;
  for (const auto& id : dying_) {
    if (containers_.at(id).ended && !surviving.contains(id)) gone.push_back(id);
  }
  for (const auto& id : gone) finish(id);
}

void Launcher::end_orphans(Ids& surviving) {
  std::size_t searched = 0;  // of those that die
  for (const auto& id : dying_) searched += containers_.at(id).searched ? 1 : 0;
  strays_ = false;
  for (const auto& [pid, owner] : tree_.find_orphans()) {
    const auto known = owner ? containers_.find(*owner) : containers_.end();
    const bool stray = known == containers_.end();
    // Nobody's are left alone while they may be somebody's.
    if (stray ? searched == searched_ : dying_.contains(*owner)) {
      ::kill(pid, SIGKILL);  // a child of ours: the number is still its own
    }
    if (!stray) surviving.insert(*owner);
    strays_ = strays_ || stray;
  }
}

void Launcher::finish(const ContainerId& id) {
  const auto known = containers_.find(id);
  const std::int32_t status = known->second.status;
  for (const std::string& secret : known->second.secret_files) ::unlink(secret.c_str());
  if (known->second.searched) {
    --searched_;
    tree_.remove(id);
  }
  dying_.erase(id);
  containers_.erase(known);
  ends_.emplace(id, status);
  if (!agent_) save_end(id, status);
  LauncherReport ended;
  ended.event = LauncherEvent::ended;
  ended.container = id;
  ended.status = status;
  report(ended);
}

}  // namespace mesolite::container

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "kernel/container/contributions.hpp"
#include "kernel/container/garbage.hpp"
#include "kernel/container/launch_plan.hpp"
#include "kernel/container/sandbox.hpp"
#include "kernel/container/worker.hpp"
#include "mesolite/base/check.hpp"

namespace mesolite::container {
namespace {

// Linux has room for either form; waitpid(2) gives the packed one, waitid(2) the other.
std::int32_t packed_status(const siginfo_t& ended) {
  if (ended.si_code == CLD_EXITED) return (ended.si_status & 0xff) << 8;
  return ended.si_code == CLD_DUMPED ? ended.si_status | 0x80 : ended.si_status;
}

}  // namespace

void Containerizer::Worker::launch(LaunchRequest request) {
  const ContainerId id = request.context.id;
  const auto [place, added] = containers_.try_emplace(id);
  if (!added) {
    return report(Launched{id, failure("container " + id.value + " exists already")});
  }
  Container& container = place->second;
  container.context = request.context;
  request.environment.try_emplace(container_mark, id.value);
  set_live(request.context.sandbox, true);

  auto spawned = start_process(request, container);
  if (!spawned) {
    clean_up(container);
    set_live(container.context.sandbox, false);
    containers_.erase(place);
    return report(Launched{id, tl::unexpected(spawned.error())});
  }
  container.pid = spawned->pid;
  container.pidfd = std::move(spawned->pidfd);
  container.context.pid = container.pid;
  tree_.add(id, container.pid, container.context.sandbox);
  report(Launched{id, container.pid});
  follow(container);
}

Result<Spawned> Containerizer::Worker::start_process(const LaunchRequest& request,
                                                     Container& container) {
  const auto contribution = prepare(container);
  if (!contribution) return tl::unexpected(contribution.error());
  auto spec = make_launch_spec(request, *contribution);
  if (!spec) return tl::unexpected(spec.error());
  spec->agent_death = settings_.agent_death;

  std::optional<Owner> owner;
  const std::string& user = contribution->user.empty() ? request.context.user : contribution->user;
  if (settings_.switch_user && !user.empty() && ::geteuid() == 0) {
    auto identity = identity_of(user);
    if (!identity) return tl::unexpected(identity.error());
    if (identity->uid != ::geteuid()) {
      owner = Owner{identity->uid, identity->gid};
      spec->identity = std::move(*identity);
    }
  }
  const auto sandbox = create_sandbox(settings_.work_dir, request.context.sandbox, owner);
  if (!sandbox) return tl::unexpected(sandbox.error());
  return spawner_.spawn(*spec, {sandbox->directory.get(), sandbox->standard_output.get(),
                                sandbox->standard_error.get()});
}

Result<Contribution> Containerizer::Worker::prepare(Container& container) {
  std::vector<NamedContribution> chain;
  for (const auto& [name, isolator] : isolators_) {
    ++container.prepared;  // one that fails half-way cleans up too
    auto contribution = isolator->prepare(container.context);
    if (!contribution) return failure("isolator '" + name + "'", contribution.error());
    chain.push_back({name, std::move(*contribution)});
  }
  return merge(chain);
}

// The same user starts thousands of tasks; its groups do not change while they do.
Result<Identity> Containerizer::Worker::identity_of(const std::string& user) {
  const auto known = identities_.find(user);
  if (known != identities_.end()) return known->second;
  auto identity = find_identity(user);
  if (identity) identities_.emplace(user, *identity);
  return identity;
}

void Containerizer::Worker::follow(Container& container) {
  const ContainerId id = container.context.id;
  Watch leader;
  leader.kind = WatchKind::leader;
  leader.container = id;
  leader.descriptor = container.pidfd.get();
  container.watches.push_back(watch(std::move(leader)));

  for (std::size_t i = 0; i < isolators_.size(); ++i) {
    const auto& [name, isolator] = isolators_[i];
    if (const auto isolated = isolator->isolate(container.context); !isolated) {
      container.limitation = Limitation{UpdateReason::container_launch_failed,
                                        "isolator '" + name + "': " + isolated.error().message,
                                        {}};
      return destroy(id);
    }
    const auto answer = isolator->watch(container.context);
    if (!answer) {
      warn("isolator '" + name + "' cannot watch " + id.value + ": " + answer.error().message);
      continue;
    }
    for (const auto& file : answer->files) {
      Watch watched{WatchKind::isolator, id, i, file.descriptor, Descriptor(), 0};
      if (watched.descriptor < 0) {
        watched.owned = Descriptor(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
        watched.descriptor = watched.owned.get();
      }
      container.watches.push_back(watch(std::move(watched)));
    }
    if (answer->interval) {
      const auto interval = std::chrono::duration_cast<Clock::duration>(*answer->interval);
      checkups_.insert({Clock::now() + interval, id, i, interval});
    }
  }
}

void Containerizer::Worker::terminate(const ContainerId& id) {
  const auto known = containers_.find(id);
  // Until the first process is reaped its number, and so its group's, cannot mean another.
  if (known != containers_.end() && !known->second.ended) ::kill(-known->second.pid, SIGTERM);
}

void Containerizer::Worker::destroy(const ContainerId& id) {
  const auto known = containers_.find(id);
  if (known == containers_.end()) return;
  Container& container = known->second;
  container.destroyed = true;
  settle_due_ = true;
  if (container.ended) return;
  ::kill(-container.pid, SIGKILL);
  // The first process may have moved to another group.
  ::syscall(SYS_pidfd_send_signal, container.pidfd.get(), SIGKILL, nullptr, 0);
}

void Containerizer::Worker::leader_ended(Container& container) {
  // While it is a zombie its group's number is safe to signal.
  ::kill(-container.pid, SIGKILL);
  siginfo_t ended{};
  const int reaped =
      ::waitid(P_PIDFD, static_cast<id_t>(container.pidfd.get()), &ended, WEXITED | WNOHANG);
  if (reaped == 0 && ended.si_pid == 0) return;
  container.exit_status = packed_status(ended);
  container.ended = true;
  for (const std::uint64_t number : container.watches) unwatch(number);
  container.watches.clear();
  ending_.insert(container.context.id);
  settle_due_ = true;
}

void Containerizer::Worker::watch_orphan(pid_t pid) {
  if (watched_orphans_.contains(pid)) return;
  Watch orphan;
  orphan.kind = WatchKind::orphan;
  orphan.owned = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  orphan.descriptor = orphan.owned.get();
  orphan.pid = pid;
  if (watch(std::move(orphan)) != 0) watched_orphans_.insert(pid);
}

void Containerizer::Worker::settle() {
  settle_due_ = false;
  orphans_looked_for_ = Clock::now();
  std::unordered_set<ContainerId> surviving;
  for (const auto& [pid, owner] : tree_.find_orphans()) {
    const auto known = owner ? containers_.find(*owner) : containers_.end();
    // Nobody's are left alone while they may be somebody's.
    const bool nobodys = known == containers_.end();
    const bool over =
        nobodys ? containers_.empty() : known->second.ended || known->second.destroyed;
    if (over) ::kill(pid, SIGKILL);  // a child of ours: the number is still its own
    if (!nobodys) surviving.insert(*owner);
    watch_orphan(pid);
  }
  std::vector<ContainerId> gone;
  for (const auto& id : ending_) {
    if (!surviving.contains(id)) gone.push_back(id);
  }
  for (const auto& id : gone) finish(id);
  if (!gone.empty() && containers_.empty() && !watched_orphans_.empty()) settle_due_ = true;
}

void Containerizer::Worker::finish(const ContainerId& id) {
  const auto known = containers_.find(id);
  MESOLITE_CHECK(known != containers_.end(), "a container that ends is known");
  Container& container = known->second;
  if (!container.limitation) {
    // It may have run into a limit that nobody was woken for: the chain is asked once more.
    for (std::size_t i = 0; i < isolators_.size() && !container.limitation; ++i) {
      const auto answer = isolators_[i].isolator->check(container.context);
      if (answer) container.limitation = answer->limitation;
    }
  }
  clean_up(container);
  tree_.remove(id);
  ending_.erase(id);
  Exited exited{id, container.exit_status, std::move(container.limitation)};
  containers_.erase(known);
  report(std::move(exited));
}

void Containerizer::Worker::clean_up(const Container& container) {
  for (std::size_t i = container.prepared; i-- > 0;) {
    const auto& [name, isolator] = isolators_[i];
    const auto cleaned = isolator->cleanup(container.context);
    if (cleaned) continue;
    warn("isolator '" + name + "' cannot clean up after " + container.context.id.value + ": " +
         cleaned.error().message);
  }
}

void Containerizer::Worker::check(const ContainerId& id, std::size_t isolator) {
  const auto known = containers_.find(id);
  if (known == containers_.end()) return;
  Container& container = known->second;
  const auto answer = isolators_[isolator].isolator->check(container.context);
  if (!answer) {
    return warn("isolator '" + isolators_[isolator].name + "' cannot check " + id.value + ": " +
                answer.error().message);
  }
  if (!answer->limitation || container.limitation) return;
  container.limitation = answer->limitation;
  destroy(id);
}

void Containerizer::Worker::run_checkups() {
  const auto now = Clock::now();
  while (!checkups_.empty() && checkups_.begin()->when <= now) {
    auto node = checkups_.extract(checkups_.begin());
    Checkup& due = node.value();
    if (!containers_.contains(due.container)) continue;
    check(due.container, due.isolator);
    due.when = now + due.interval;
    checkups_.insert(std::move(node));
  }
}

void Containerizer::Worker::update(ContainerContext context) {
  const auto known = containers_.find(context.id);
  if (known == containers_.end() || known->second.ended) return;
  context.pid = known->second.pid;
  known->second.context = std::move(context);
  for (const auto& [name, isolator] : isolators_) {
    const auto updated = isolator->update(known->second.context);
    if (updated) continue;
    warn("isolator '" + name + "' cannot update " + known->first.value + ": " +
         updated.error().message);
  }
}

void Containerizer::Worker::measure_usage() {
  UsageMeasured measured;
  for (const auto& [id, container] : containers_) {
    auto& statistics = measured.statistics[id];
    for (const auto& [name, isolator] : isolators_) {
      auto usage = isolator->usage(container.context);
      if (usage) statistics.merge(usage->statistics);
    }
  }
  report(std::move(measured));
}

void Containerizer::Worker::retire(const std::string& sandbox) {
  date_sandbox(sandbox);
  set_live(sandbox, false);
}

}  // namespace mesolite::container

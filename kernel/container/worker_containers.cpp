#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "kernel/container/contributions.hpp"
#include "kernel/container/failpoint.hpp"
#include "kernel/container/garbage.hpp"
#include "kernel/container/launch_plan.hpp"
#include "kernel/container/sandbox.hpp"
#include "kernel/container/worker.hpp"
#include "mesolite/base/check.hpp"

namespace mesolite::container {

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
  if (auto status = start_process(request, container); !status) refuse(id, status.error());
}

// It could not be started, and nothing of it runs.
void Containerizer::Worker::refuse(const ContainerId& id, Error error) {
  const auto known = containers_.find(id);
  clean_up(known->second);
  remove_secret_files(known->second.context.sandbox, known->second.secret_files);
  set_live(known->second.context.sandbox, false);
  containers_.erase(known);
  report(Launched{id, tl::unexpected(std::move(error))});
}

Status Containerizer::Worker::start_process(LaunchRequest& request, Container& container) {
  if (!launcher_) return failure("there is no launcher");
  const auto contribution = prepare(container);
  if (!contribution) return tl::unexpected(contribution.error());
  reach(settings_.failpoint, "container_prepared");
  container.context.devices = contribution->devices;
  auto spec = make_launch_spec(request, *contribution);
  if (!spec) return tl::unexpected(spec.error());
  spec->gated = !contribution->unattended;
  if (auto status = write_cgroups(contribution->cgroup_writes, container, *spec); !status) {
    return status;
  }
  std::optional<Owner> owner;
  const std::string& user = contribution->user.empty() ? request.context.user : contribution->user;
  if (settings_.switch_user && !user.empty() && ::geteuid() == 0) {
    auto identity = identity_of(user);
    if (!identity) return tl::unexpected(identity.error());
    if (contribution->without_groups) identity->groups.clear();
    if (identity->uid != ::geteuid()) {
      owner = Owner{identity->uid, identity->gid};
      spec->identity = std::move(*identity);
    }
  }
  auto sandbox = make_sandbox(request, owner, container);
  if (!sandbox) return tl::unexpected(sandbox.error());
  reach(settings_.failpoint, "sandbox_made");
  spec->secret_files = container.secret_files;
  container.seccomp_filter = spec->seccomp_filter;
  auto prepared = std::make_unique<Prepared>();
  prepared->order.order = LauncherOrder::start;
  prepared->order.container = request.context.id;
  prepared->order.spec = std::move(*spec);
  prepared->sandbox = std::move(*sandbox);
  if (request.command.uris.empty()) return start(*prepared);
  fetch(std::move(request.command.uris), container, std::move(prepared));
  return {};
}

void Containerizer::Worker::fetch(std::vector<Uri> uris, Container& container,
                                  std::unique_ptr<Prepared> prepared) {
  FetchJob job;
  job.container = container.context.id;
  job.sandbox = Descriptor(
      ::openat(prepared->sandbox.directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  job.uris = std::move(uris);
  job.identity = prepared->order.spec.identity;
  container.fetching = std::move(prepared);
  fetcher_->fetch(std::move(job));
}

void Containerizer::Worker::fetched(const ContainerId& id, const Status& status) {
  const auto known = containers_.find(id);
  if (known == containers_.end() || !known->second.fetching) return;
  const auto prepared = std::exchange(known->second.fetching, nullptr);
  if (!status) return refuse(id, status.error());
  if (auto started = start(*prepared); !started) refuse(id, started.error());
}

Result<Sandbox> Containerizer::Worker::make_sandbox(const LaunchRequest& request,
                                                    const std::optional<Owner>& owner,
                                                    Container& container) {
  auto sandbox = create_sandbox(settings_.work_dir, request.context.sandbox, owner);
  if (!sandbox) return sandbox;
  for (const auto& [name, content] : request.secret_files) {
    container.secret_files.push_back(name);
    if (auto written = write_secret_file(*sandbox, name, content, owner); !written) {
      return tl::unexpected(written.error());
    }
  }
  return sandbox;
}

Status Containerizer::Worker::start(Prepared& prepared) {
  const Sandbox& sandbox = prepared.sandbox;
  auto told = tell(prepared.order, {sandbox.directory.get(), sandbox.standard_output.get(),
                                    sandbox.standard_error.get()});
  if (settings_.failpoint == "launch_ordered") flush();
  reach(settings_.failpoint, "launch_ordered");
  return told;
}

Status Containerizer::Worker::write_cgroups(const std::vector<CgroupWrite>& writes,
                                            Container& container, LaunchSpec& spec) {
  if (writes.empty()) return {};
  container.written = true;
  const auto directories = cgroups_.write(container.context.id, writes);
  if (!directories) return tl::unexpected(directories.error());
  for (const auto& directory : *directories) {
    if (std::ranges::count(spec.cgroups, directory) == 0) spec.cgroups.push_back(directory);
  }
  return {};
}

void Containerizer::Worker::started(const ContainerId& id, std::int64_t pid) {
  const auto known = containers_.find(id);
  if (known == containers_.end()) return;
  reach(settings_.failpoint, "container_started");
  Container& container = known->second;
  container.running = true;
  container.context.pid = pid;
  report(Launched{id, pid});
  follow(container);
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

// The first process exists and waits.
Status Containerizer::Worker::isolate(Container& container) {
  for (const auto& [name, isolator] : isolators_) {
    if (const auto isolated = isolator->isolate(container.context); !isolated) {
      return failure("isolator '" + name + "'", isolated.error());
    }
  }
  return {};
}

void Containerizer::Worker::follow(Container& container) {
  const ContainerId id = container.context.id;
  for (std::size_t i = 0; i < isolators_.size(); ++i) {
    const auto& [name, isolator] = isolators_[i];
    const auto answer = isolator->watch(container.context);
    if (!answer) {
      warn("isolator '" + name + "' cannot watch " + id.value + ": " + answer.error().message);
      continue;
    }
    for (const auto& file : answer->files) {
      Watch watched{WatchKind::isolator, id, i, file.descriptor, Descriptor()};
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
  if (!containers_.contains(id)) return;
  LauncherRequest order;
  order.order = LauncherOrder::signal;
  order.container = id;
  order.signal = SIGTERM;
  (void)tell(order);
}

void Containerizer::Worker::destroy(const ContainerId& id) {
  const auto known = containers_.find(id);
  if (known == containers_.end()) return;
  if (known->second.fetching) return fetcher_->cancel(id);
  tell(LauncherOrder::kill, id);
}

void Containerizer::Worker::forget(const ContainerId& id) {
  tell(LauncherOrder::forget, id);
}

void Containerizer::Worker::finish(const ContainerId& id, std::int32_t exit_status) {
  const auto known = containers_.find(id);
  if (known == containers_.end()) return;
  Container& container = known->second;
  if (!container.limitation) {
    // It may have run into a limit that nobody was woken for: the chain is asked once more.
    for (std::size_t i = 0; i < isolators_.size() && !container.limitation; ++i) {
      const auto answer = isolators_[i].isolator->check(container.context);
      if (answer) container.limitation = answer->limitation;
    }
  }
  for (const std::uint64_t number : container.watches) unwatch(number);
  clean_up(container);
  remove_secret_files(container.context.sandbox, container.secret_files);  // its launcher was lost
  Exited exited{id, exit_status, std::move(container.limitation)};
  const bool orphan = container.orphan;
  containers_.erase(known);
  if (orphan) return forget(exited.container);
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
  if (!container.written) return;
  if (auto removed = cgroups_.remove(container.context.id); !removed) {
    warn(removed.error().message);
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
  if (known == containers_.end()) return;
  context.pid = known->second.context.pid;
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
  rotate_logs(sandbox);  // what came since the last look
  date_sandbox(sandbox);
  set_live(sandbox, false);
}

}  // namespace mesolite::container

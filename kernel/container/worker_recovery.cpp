// What an earlier agent has left behind: taken over, or ended and cleaned up.
//
// No process is ever taken for a container's because of a number that was written down: the
// launcher is their parent, and only what it reports is running is taken to run.
#include <signal.h>

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "kernel/container/launcher/process_tree.hpp"
#include "kernel/container/worker.hpp"
#include "mesolite/module/cgroups.hpp"

namespace mesolite::container {

void Containerizer::Worker::recover(std::vector<ContainerContext> known,
                                    std::vector<ContainerId> orphans) {
  recovered_ = true;
  std::map<ContainerId, LauncherReport> left;
  if (launcher_) {
    for (const LauncherReport& report : launcher_->inventory()) left[report.container] = report;
  }
  std::unordered_map<ContainerId, pid_t> lost;
  for (const ContainerContext& context : known) {
    if (!left.contains(context.id)) lost[context.id] = 0;
  }
  std::erase_if(orphans, [&](const ContainerId& orphan) { return left.contains(orphan); });
  for (const ContainerId& orphan : orphans) lost[orphan] = 0;
  if (!lost.empty()) kill_left_over(lost);

  for (ContainerContext& context : known) {
    const auto found = left.find(context.id);
    adopt(std::move(context), found == left.end() ? nullptr : &found->second);
    if (found != left.end()) left.erase(found);
  }
  for (const auto& [id, report] : left) {
    if (!disown(report)) orphans.push_back(id);
  }
  recover_isolators(std::move(orphans));
  for (const auto& [id, status] : std::exchange(ended_before_, {})) finish(id, status);
  for (auto& [id, container] : containers_) follow(container);
}

void Containerizer::Worker::recover_isolators(std::vector<ContainerId> orphans) {
  RecoverRequest request;
  for (const auto& [id, container] : containers_) request.containers.push_back(container.context);
  request.orphans = std::move(orphans);
  for (ContainerId& unknown : groups_of_nobody()) {
    const auto& all = request.orphans;
    if (std::find(all.begin(), all.end(), unknown) == all.end()) {
      request.orphans.push_back(std::move(unknown));
    }
  }
  for (const auto& [name, isolator] : isolators_) {
    const auto recovered = isolator->recover(request);
    if (!recovered) warn("isolator '" + name + "' cannot recover: " + recovered.error().message);
  }
}

// Groups whose containers are not remembered, emptied: their checkpoints are lost too.
std::vector<ContainerId> Containerizer::Worker::groups_of_nobody() {
  std::vector<ContainerId> found;
  if (!settings_.own_cgroup_root || isolators_.empty()) return found;
  CgroupPlace place;
  if (!settings_.cgroup_mount.empty()) place.mount = settings_.cgroup_mount;
  if (!settings_.cgroup_root.empty()) place.root = settings_.cgroup_root;
  auto groups = CgroupFs::open(std::move(place));
  if (!groups) return found;
  for (const std::string& name : groups->names()) {
    if (containers_.contains(ContainerId(name))) continue;
    if (auto killed = groups->kill(name); !killed) warn(killed.error().message);
    found.emplace_back(name);
  }
  return found;
}

void Containerizer::Worker::adopt(ContainerContext context, const LauncherReport* left) {
  const ContainerId id = context.id;
  Container& container = containers_[id];
  container.context = std::move(context);
  container.running = true;
  container.prepared = isolators_.size();
  container.written = !isolators_.empty();  // for all that is known
  set_live(container.context.sandbox, true);
  Recovered recovered{id, std::nullopt};
  if (left != nullptr && left->event == LauncherEvent::started) {
    recovered.pid = container.context.pid = left->pid;
    container.seccomp_filter = left->seccomp_filter;
  } else if (left != nullptr) {
    ended_before_.emplace_back(id, left->status);
  } else {
    const char* why =
        launcher_ && launcher_->was_found()
            ? "the agent was restarted while it was being launched"
            : "how it ended is not known: nothing of it was found when the agent was restarted";
    container.limitation = Limitation{UpdateReason::agent_restarted, why, {}};
    ended_before_.emplace_back(id, SIGKILL);
  }
  report(recovered);
}

// One that nobody knows. True: it runs, and is gone in a moment.
bool Containerizer::Worker::disown(const LauncherReport& left) {
  if (left.event != LauncherEvent::started) {
    tell(LauncherOrder::forget, left.container);
    return false;
  }
  Container& container = containers_[left.container];
  container.context.id = left.container;
  container.context.pid = left.pid;
  container.running = true;
  container.orphan = true;
  container.prepared = isolators_.size();
  container.written = !isolators_.empty();  // for all that is known
  tell(LauncherOrder::kill, left.container);
  return true;
}

}  // namespace mesolite::container

// Witness: sees what every node does and remembers the first thing that must not happen.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "mesolite/base/ids.hpp"
#include "mesolite/module/allocator.hpp"

namespace mesolite::simulation {

class Witness {
 public:
  void accuse(const std::string& what) {
    if (problem_.empty()) problem_ = what;
  }
  const std::string& problem() const { return problem_; }

  // ---- no task runs in two places
  // ----------------------------------------------------------------
  using TaskKey = std::pair<FrameworkId, TaskId>;
  void task_starts(const TaskKey& task, const std::string& where) {
    ++tasks_started_;
    if (!started_.insert(task).second) {
      accuse("task " + task.second.value + " of " + task.first.value +
             " was started a second time, on " + where);
    }
    running_[task] = where;
  }
  void task_ends(const TaskKey& task) { running_.erase(task); }
  // All that ran there died with it.
  void place_dies(const std::string& where) {
    std::erase_if(running_, [&](const auto& entry) { return entry.second == where; });
  }
  const std::map<TaskKey, std::string>& running() const { return running_; }
  std::uint64_t tasks_started() const { return tasks_started_; }

  // ---- an offer is made once
  // ---------------------------------------------------------------------
  void offer_made(std::uint64_t epoch, OfferId offer) {
    if (!offers_.insert({epoch, offer}).second) {
      accuse("offer " + std::to_string(offer.value) + " was made twice");
    }
  }
  std::size_t offers() const { return offers_.size(); }

 private:
  std::string problem_;
  std::map<TaskKey, std::string> running_;
  std::set<TaskKey> started_;
  std::set<std::pair<std::uint64_t, OfferId>> offers_;
  std::uint64_t tasks_started_ = 0;
};

// What an allocator believes: who holds what on each agent, from all that it was told and answered.
class Ledger {
 public:
  using Key = std::tuple<AgentHandle, FrameworkHandle, RoleHandle>;

  void told(const AllocatorChanges& changes) {
    for (const Holding& holding : changes.held) held_[key(holding)] += holding.resources;
    for (const Release& release : changes.released) {
      Resources& held = held_[key(release.holding)];
      if (!held.contains(release.holding.resources)) {
        problem_ = "the allocator is told of a release of what it does not hold: " +
                   release.holding.resources.to_text() + " of " + held.to_text();
        return;
      }
      held -= release.holding.resources;
      if (held.empty()) held_.erase(key(release.holding));
    }
    for (const AgentHandle agent : changes.agents_removed) {
      std::erase_if(held_, [&](const auto& entry) { return std::get<0>(entry.first) == agent; });
    }
  }
  void answered(const AllocateResponse& response) {
    for (const Holding& holding : response.allocations) held_[key(holding)] += holding.resources;
  }
  const std::map<Key, Resources>& held() const { return held_; }
  const std::string& problem() const { return problem_; }

 private:
  static Key key(const Holding& holding) {
    return {holding.agent, holding.framework, holding.role};
  }

  std::map<Key, Resources> held_;
  std::string problem_;
};

}  // namespace mesolite::simulation

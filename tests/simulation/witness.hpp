// Witness: sees what every node does and remembers the first thing that must not happen.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "mesolite/base/ids.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::simulation {

class Witness {
 public:
  using TaskKey = std::pair<FrameworkId, TaskId>;
  using Names = std::set<std::string_view>;

  void accuse(const std::string& what) {
    if (problem_.empty()) problem_ = what;
  }
  const std::string& problem() const { return problem_; }

  // ---- no task runs in two places, and none that cannot
  // --------------------------------------------------------------
  void task_starts(const TaskKey& task, const std::string& where);
  void task_ends(const TaskKey& task) { running_.erase(task); }
  // All that ran there died with it.
  void host_dies(const std::string& where);
  // It was launched from an offer that had been used before, or with more than there is.
  void task_is_impossible(const TaskKey& task) { impossible_.insert(task); }
  const std::map<TaskKey, std::string>& running() const { return running_; }
  std::uint64_t tasks_started() const { return started_.size(); }

  // ---- an offer is made once
  // ---------------------------------------------------------------------
  void offer_made(std::uint64_t epoch, OfferId offer);
  std::size_t offers() const { return offers_.size(); }

  // ---- what an agent says of a task's end is what the framework hears
  // -----------------------------------------------------------------
  struct End {
    TaskState state = TaskState::unknown;
    std::string place;
  };
  void end_is_told(const TaskKey& task, TaskState state, const std::string& where) {
    ends_[task] = {state, where};
  }
  // An agent remembers what it said of frameworks that asked for checkpoints.
  void framework_keeps(const FrameworkId& framework) { kept_.insert(framework); }
  void agent_dies(const std::string& where);
  void agent_forgets(const std::string& where);
  // Null if no agent that remembers it has said that it ended.
  const End* end_of(const TaskKey& task) const;

  // ---- frameworks that are over
  // --------------------------------------------------------------------------------
  // A master frees what they held at once, as Mesos does; it takes their tasks a while to end.
  void framework_ends(const FrameworkId& framework) { over_.insert(framework); }
  bool is_over(const FrameworkId& framework) const { return over_.contains(framework); }

  // ---- what happened at all: a torment that never bites proves nothing
  // -----------------------------------------------------------------
  void happened(std::string_view event) { events_.insert(event); }
  const Names& events() const { return events_; }

 private:
  std::string problem_;
  std::map<TaskKey, std::string> running_;
  std::set<TaskKey> started_;
  std::set<TaskKey> impossible_;
  std::map<TaskKey, End> ends_;
  std::set<FrameworkId> kept_;
  std::set<std::pair<std::uint64_t, OfferId>> offers_;
  std::set<FrameworkId> over_;
  Names events_;
};

}  // namespace mesolite::simulation

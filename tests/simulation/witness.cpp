#include "tests/simulation/witness.hpp"

namespace mesolite::simulation {

void Witness::task_starts(const TaskKey& task, const std::string& where) {
  const std::string name = "task " + task.second.value + " of " + task.first.value;
  if (!started_.insert(task).second) accuse(name + " was started a second time, on " + where);
  if (impossible_.contains(task)) accuse(name + " was started on " + where + ", but cannot be");
  running_[task] = where;
}

void Witness::host_dies(const std::string& where) {
  std::erase_if(running_, [&](const auto& entry) { return entry.second == where; });
}

void Witness::agent_dies(const std::string& where) {
  std::erase_if(ends_, [&](const auto& entry) {
    return entry.second.place == where && !kept_.contains(entry.first.first);
  });
}

void Witness::agent_forgets(const std::string& where) {
  std::erase_if(ends_, [&](const auto& entry) { return entry.second.place == where; });
}

void Witness::offer_made(std::uint64_t epoch, OfferId offer) {
  if (offers_.insert({epoch, offer}).second) return;
  accuse("offer " + std::to_string(offer.value) + " was made twice");
}

const Witness::End* Witness::end_of(const TaskKey& task) const {
  const auto found = ends_.find(task);
  return found == ends_.end() ? nullptr : &found->second;
}

}  // namespace mesolite::simulation

#include "frameworks/mini-spark/api/broadcast.hpp"

#include <utility>

#include "frameworks/mini-spark/engine/failures.hpp"

namespace mesolite::spark {

BroadcastTable& BroadcastTable::of_process() {
  static BroadcastTable table;
  return table;
}

void BroadcastTable::add(std::uint64_t id, Value value, std::function<std::string()> packed) {
  const std::lock_guard lock(mutex_);
  entries_[id] = {std::move(value), std::move(packed)};
}

void BroadcastTable::drop(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(id);
}

BroadcastTable::Value BroadcastTable::find(std::uint64_t id,
                                           const std::function<Value(std::string_view)>& unpack) {
  std::function<std::string(std::uint64_t)> fetch;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found != entries_.end()) return found->second.value;
    fetch = fetch_;
  }
  if (!fetch) throw TaskFailure("broadcast " + std::to_string(id) + " has been destroyed");
  const Value value = unpack(fetch(id));
  const std::lock_guard lock(mutex_);
  return entries_.try_emplace(id, Entry{value, nullptr}).first->second.value;
}

std::string BroadcastTable::packed(std::uint64_t id) const {
  std::function<std::string()> pack;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found != entries_.end()) pack = found->second.packed;
  }
  if (!pack) throw TaskFailure("broadcast " + std::to_string(id) + " has been destroyed");
  return pack();
}

void BroadcastTable::set_fetch(std::function<std::string(std::uint64_t id)> fetch) {
  const std::lock_guard lock(mutex_);
  fetch_ = std::move(fetch);
}

}  // namespace mesolite::spark

#include "frameworks/mini-spark/engine/driver_values.hpp"

#include <exception>
#include <utility>

#include "frameworks/mini-spark/engine/failures.hpp"

namespace mesolite::spark {

DriverValues& DriverValues::of_process() {
  static DriverValues values;
  return values;
}

void DriverValues::add(std::uint64_t id, Pack pack, Value value) {
  const std::lock_guard lock(mutex_);
  entries_[id] = {std::move(pack), std::move(value)};
}

void DriverValues::drop(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto dropped = entries_.extract(id);
  if (dropped.empty() || !dropped.mapped().value) return;
  for (const auto& [whom, listener] : listeners_) listener(id);
}

void DriverValues::listen(const void* whom, Dropped dropped) {
  const std::lock_guard lock(mutex_);
  listeners_[whom] = std::move(dropped);
}

void DriverValues::forget(const void* whom) {
  const std::lock_guard lock(mutex_);
  listeners_.erase(whom);
}

DriverValues::Value DriverValues::find(std::uint64_t id,
                                       const std::function<Value(std::string_view)>& unpack) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !coming_.contains(id); });
  if (const auto found = entries_.find(id); found != entries_.end()) return found->second.value;
  coming_.insert(id);
  lock.unlock();
  Value value;
  std::exception_ptr problem;
  try {
    value = unpack(part(id, 0));
  } catch (...) {
    problem = std::current_exception();
  }
  lock.lock();
  coming_.erase(id);
  if (value) entries_[id] = {nullptr, value};
  lock.unlock();
  changed_.notify_all();
  if (problem) std::rethrow_exception(problem);
  return value;
}

std::string DriverValues::part(std::uint64_t id, std::uint32_t part) {
  Pack pack;
  Fetch fetch;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found != entries_.end()) pack = found->second.pack;
    fetch = fetch_;
  }
  if (pack) return pack(part);
  if (fetch) return fetch(id, part);
  throw TaskFailure("value " + std::to_string(id) + " of the driver has been destroyed");
}

void DriverValues::set_fetch(Fetch fetch) {
  const std::lock_guard lock(mutex_);
  fetch_ = std::move(fetch);
}

}  // namespace mesolite::spark

#include "frameworks/mini-spark/api/accumulator.hpp"

#include <utility>

namespace mesolite::spark {

AccumulatorTable& AccumulatorTable::of_process() {
  static AccumulatorTable table;
  return table;
}

void AccumulatorTable::add(std::uint64_t id, std::shared_ptr<Cell> cell) {
  const std::lock_guard lock(mutex_);
  cells_[id] = std::move(cell);
}

void AccumulatorTable::merge(const std::map<std::uint64_t, std::string>& parts) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, packed] : parts) {
    const auto found = cells_.find(id);
    if (found != cells_.end()) found->second->merge(packed);
  }
}

void AccumulatorTable::visit(std::uint64_t id, const std::function<void(Cell&)>& visit) {
  const std::lock_guard lock(mutex_);
  const auto found = cells_.find(id);
  if (found != cells_.end()) visit(*found->second);
}

}  // namespace mesolite::spark

#include "kernel/registry/memory_registry.hpp"

namespace mesolite::registry {

Result<std::vector<Record>> MemoryRegistry::load() {
  std::vector<Record> records;
  records.reserve(values_.size());
  for (const auto& [key, value] : values_) records.push_back({key, value});
  return records;
}

Status MemoryRegistry::write(const std::vector<Record>& records) {
  for (const Record& record : records) {
    if (record.value.empty()) {
      values_.erase(record.key);
    } else {
      values_[record.key] = record.value;
    }
  }
  return {};
}

}  // namespace mesolite::registry

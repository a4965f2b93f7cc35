// A registry that lives as long as its process: for tests, and for clusters that may forget.
#pragma once

#include <map>

#include "kernel/registry/registry.hpp"

namespace mesolite::registry {

class MemoryRegistry final : public Registry {
 public:
  Result<std::vector<Record>> load() override;
  Status write(const std::vector<Record>& records) override;

 private:
  std::map<std::string, Bytes> values_;
};

}  // namespace mesolite::registry

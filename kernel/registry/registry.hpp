// Registry: the little that must survive a master, as a map from key to bytes.
//
// A registry belongs to one thread at a time. Calls block until the disk has answered, so the shell
// makes them on a thread of their own.
#pragma once

#include <string>
#include <vector>

#include "mesolite/base/bytes.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::registry {

struct Record {
  std::string key;  // a path: "agents/A17"
  Bytes value;      // empty = remove the key

  friend bool operator==(const Record&, const Record&) = default;
};

class Registry {
 public:
  virtual ~Registry() = default;

  // All records, sorted by key.
  virtual Result<std::vector<Record>> load() = 0;
  // Applies all of them in order, or none; durable when it returns.
  virtual Status write(const std::vector<Record>& records) = 0;
};

}  // namespace mesolite::registry

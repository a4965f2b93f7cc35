// DriverValues: what the driver has and its workers ask for when they need it: broadcast values,
// and the partitions of collections. Found by number, which is what travels.
//
// One table a process: a captured handle has no other way to it. All members may be called from
// any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace mesolite::spark {

class DriverValues {
 public:
  using Value = std::shared_ptr<const void>;
  using Pack = std::function<std::string(std::uint32_t part)>;
  using Fetch = std::function<std::string(std::uint64_t id, std::uint32_t part)>;
  using Dropped = std::function<void(std::uint64_t id)>;

  static DriverValues& of_process();

  // ---- in the driver ----
  // `value` may be null: then there are only parts.
  void add(std::uint64_t id, Pack pack, Value value = nullptr);
  void drop(std::uint64_t id);  // [in a worker, too]
  // Told of each value that is dropped, until it is forgotten, with the mutex held; `whom` tells
  // listeners apart.
  void listen(const void* whom, Dropped dropped);
  void forget(const void* whom);

  // ---- where tasks run; throw TaskFailure for what has been dropped ----
  // The value; else what `unpack` makes of what the driver sends, once for all who ask.
  Value find(std::uint64_t id, const std::function<Value(std::string_view)>& unpack);
  std::string part(std::uint64_t id, std::uint32_t part);
  void set_fetch(Fetch fetch);  // in a worker: how to ask the driver

 private:
  struct Entry {
    Pack pack;
    Value value;
  };

  mutable std::mutex mutex_;  // guards all below; not held while packing, fetching or unpacking
  std::condition_variable changed_;
  std::map<std::uint64_t, Entry> entries_;
  std::set<std::uint64_t> coming_;  // values that somebody fetches
  std::map<const void*, Dropped> listeners_;
  Fetch fetch_;
};

}  // namespace mesolite::spark

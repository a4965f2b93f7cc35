// Broadcast<T>: a value that every process gets once, however many functions use it.
//
// The handle is a number, so it may be captured; value() finds what it stands for. On a worker the
// first use asks the driver.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "frameworks/mini-spark/records/pack.hpp"

namespace mesolite::spark {

// All broadcast values of this process. A captured handle has no other way to them than a table of
// the process: it travels as bytes, without a pointer. All members may be called from any thread.
class BroadcastTable {
 public:
  using Value = std::shared_ptr<const void>;
  static BroadcastTable& of_process();

  void add(std::uint64_t id, Value value, std::function<std::string()> packed);
  void drop(std::uint64_t id);
  // The value; else what `unpack` makes of the bytes that fetch() brings.
  Value find(std::uint64_t id, const std::function<Value(std::string_view)>& unpack);
  std::string packed(std::uint64_t id) const;  // throws if it is not there
  // How to get what is not here; a worker asks its driver.
  void set_fetch(std::function<std::string(std::uint64_t id)> fetch);

 private:
  struct Entry {
    Value value;
    std::function<std::string()> packed;
  };
  mutable std::mutex mutex_;  // guards the map and the function; not held while fetching
  std::map<std::uint64_t, Entry> entries_;
  std::function<std::string(std::uint64_t)> fetch_;
};

template <class T>
class Broadcast {
 public:
  explicit Broadcast(std::uint64_t id) : id_(id) {}

  // Costs a lookup: take it once a partition, not once a record. Valid during the task, and in the
  // driver until destroy().
  const T& value() const {
    const auto found = BroadcastTable::of_process().find(
        id_, [](std::string_view bytes) { return std::make_shared<const T>(unpacked<T>(bytes)); });
    return *static_cast<const T*>(found.get());
  }
  const T& operator*() const { return value(); }
  const T* operator->() const { return &value(); }

  void destroy() const { BroadcastTable::of_process().drop(id_); }
  std::uint64_t id() const { return id_; }

 private:
  std::uint64_t id_;
};

}  // namespace mesolite::spark

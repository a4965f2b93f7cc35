// Broadcast<T>: a value that every process gets once, however many functions use it.
//
// The handle is a number, so it may be captured; value() finds what it stands for. On a worker the
// first use asks the driver.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "frameworks/mini-spark/engine/driver_values.hpp"
#include "frameworks/mini-spark/engine/task_context.hpp"
#include "frameworks/mini-spark/records/pack.hpp"

namespace mesolite::spark {

template <class T>
class Broadcast {
 public:
  explicit Broadcast(std::uint64_t id) : id_(id) {}

  // Costs a small lookup: take it once a partition, not once a record. Valid during the task; in
  // the driver until destroy().
  const T& value() const {
    TaskContext* const task = TaskContext::current();
    if (task == nullptr) return of(find());
    DriverValues::Value& held = task->value(id_);
    if (!held) held = find();
    return of(held);
  }
  const T& operator*() const { return value(); }
  const T* operator->() const { return &value(); }

  // In the driver: nobody will use it any more. Workers let go of it, too.
  void destroy() const { DriverValues::of_process().drop(id_); }
  std::uint64_t id() const { return id_; }

 private:
  static const T& of(const DriverValues::Value& value) {
    return *static_cast<const T*>(value.get());
  }
  DriverValues::Value find() const {
    return DriverValues::of_process().find(
        id_, [](std::string_view bytes) { return std::make_shared<const T>(unpacked<T>(bytes)); });
  }

  std::uint64_t id_;
};

}  // namespace mesolite::spark

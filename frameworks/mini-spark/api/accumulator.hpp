// Accumulator<T>: tasks add to it, the driver reads it. T has += and a zero; what a task added
// counts when the task has succeeded, each partition of a stage once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "frameworks/mini-spark/engine/task_context.hpp"
#include "frameworks/mini-spark/records/pack.hpp"

namespace mesolite::spark {

// The driver's side of all accumulators of this process: found by number, as broadcast values are.
// All members may be called from any thread.
class AccumulatorTable {
 public:
  struct Cell {
    virtual ~Cell() = default;
    virtual void merge(std::string_view packed) = 0;  // [under the table's mutex]
  };
  static AccumulatorTable& of_process();

  void add(std::uint64_t id, std::shared_ptr<Cell> cell);
  void merge(const std::map<std::uint64_t, std::string>& parts);
  // Calls visit(cell) if it is there, under the mutex.
  void visit(std::uint64_t id, const std::function<void(Cell&)>& visit);

 private:
  std::mutex mutex_;  // guards the map and the cells
  std::map<std::uint64_t, std::shared_ptr<Cell>> cells_;
};

template <class T>
class Accumulator {
 public:
  explicit Accumulator(std::uint64_t id) : id_(id) {}

  // In a task, or in the driver.
  void add(const T& amount) const {
    TaskContext* const task = TaskContext::current();
    if (task != nullptr) {
      task->part<Part>(id_).sum += amount;
      return;
    }
    AccumulatorTable::of_process().visit(
        id_, [&](AccumulatorTable::Cell& cell) { static_cast<Cell&>(cell).sum += amount; });
  }
  const Accumulator& operator+=(const T& amount) const {
    add(amount);
    return *this;
  }

  // In the driver.
  T value() const {
    T sum{};
    AccumulatorTable::of_process().visit(
        id_, [&](AccumulatorTable::Cell& cell) { sum = static_cast<Cell&>(cell).sum; });
    return sum;
  }

  struct Cell final : AccumulatorTable::Cell {
    explicit Cell(T zero) : sum(std::move(zero)) {}
    void merge(std::string_view packed) override { sum += unpacked<T>(packed); }
    T sum;
  };

 private:
  struct Part final : TaskContext::Part {
    std::string packed() const override {
      Packer out;
      pack(out, sum);
      return out.text();
    }
    T sum{};
  };

  std::uint64_t id_;
};

}  // namespace mesolite::spark

// MapPartitionsNode: f sees all records of a partition at once, cached ones where they lie.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "frameworks/mini-spark/engine/node.hpp"

namespace mesolite::spark {

// Gathers a partition; what is held anyway is not copied.
template <class T>
class GatherSink final : public Sink<T> {
 public:
  explicit GatherSink(TaskContext& task) : task_(task) {}

  bool push(std::span<const T> records) override {
    task_.throw_if_stopped();
    gathered_.append(records);
    return true;
  }
  bool push_held(std::span<const T> records) override {
    if (!held_.empty() || !gathered_.empty()) return push(records);
    held_ = records;
    return true;
  }
  std::span<const T> records() {
    if (gathered_.empty()) return held_;
    if (!held_.empty()) {  // of the first of several parents
      RecordBuffer<T> all;
      all.append(std::exchange(held_, {}));
      all.append(gathered_.records());
      gathered_ = std::move(all);
    }
    return gathered_.records();
  }

 private:
  TaskContext& task_;
  RecordBuffer<T> gathered_;
  std::span<const T> held_;
};

// f(span of records) or f(partition, span of records) -> range of U
template <class T, class U, class F>
class MapPartitionsNode final : public TypedNode<U> {
 public:
  MapPartitionsNode(NodeSeed seed, F f)
      : TypedNode<U>(std::move(seed)),
        f_(std::move(f)),
        parent_(static_cast<const TypedNode<T>&>(*this->parents()[0])) {}

  void compute(TaskContext& task, std::uint32_t partition, Sink<U>& sink) const override {
    GatherSink<T> gathered(task);
    parent_.read(task, partition, gathered);
    Emitter<U> out(sink);
    const auto emit_all = [&out](auto&& results) {
      for (auto&& each : results) out.emit(std::forward<decltype(each)>(each));
    };
    if constexpr (std::invocable<const F&, std::uint32_t, std::span<const T>>) {
      emit_all(f_(partition, gathered.records()));
    } else {
      emit_all(f_(gathered.records()));
    }
    out.flush();
  }

  const Registration& registration() const override { return registration_of<MapPartitionsNode>; }
  void save(CapturePacker& out) const override { pack_capture(out, f_); }
  static std::shared_ptr<Node> make(Unpacker& in, NodeSeed seed) {
    return std::make_shared<MapPartitionsNode>(std::move(seed), unpack_capture<F>(in));
  }

 private:
  const F f_;
  const TypedNode<T>& parent_;
};

}  // namespace mesolite::spark

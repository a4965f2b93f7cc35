// RegroupNode: each partition is made of whole partitions of the parents: union, coalesce.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/engine/node.hpp"

namespace mesolite::spark {

struct PartitionRef {
  std::uint32_t parent = 0;
  std::uint32_t partition = 0;
  MESOLITE_FIELDS(parent, partition);
};
using PartitionGroups = std::vector<std::vector<PartitionRef>>;

// Hands on batches and remembers whether more are wanted.
template <class T>
class OpenSink final : public Sink<T> {
 public:
  explicit OpenSink(Sink<T>& next) : next_(next) {}
  bool push(std::span<const T> records) override { return open_ = open_ && next_.push(records); }
  bool open() const { return open_; }

 private:
  Sink<T>& next_;
  bool open_ = true;
};

template <class T>
class RegroupNode final : public TypedNode<T> {
 public:
  RegroupNode(NodeSeed seed, PartitionGroups groups)
      : TypedNode<T>(std::move(seed)), groups_(std::move(groups)) {}

  void compute(TaskContext& task, std::uint32_t partition, Sink<T>& sink) const override {
    OpenSink<T> out(sink);
    for (const PartitionRef& part : groups_[partition]) {
      const auto& parent = static_cast<const TypedNode<T>&>(*this->parents().at(part.parent));
      parent.read(task, part.partition, out);
      if (!out.open()) return;
    }
  }

  const Registration& registration() const override { return registration_of<RegroupNode>; }
  void save(CapturePacker& out) const override { pack(out, groups_); }
  static std::shared_ptr<Node> make(Unpacker& in, NodeSeed seed) {
    PartitionGroups groups;
    unpack(in, groups);
    if (groups.size() != seed.partitions) in.fail();
    return std::make_shared<RegroupNode>(std::move(seed), std::move(groups));
  }

 private:
  const PartitionGroups groups_;
};

}  // namespace mesolite::spark

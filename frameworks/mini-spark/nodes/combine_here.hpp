// CombineHereNode: the values of each key become one without a shuffle, because equal keys lie in
// one partition already.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "frameworks/mini-spark/nodes/combine.hpp"

namespace mesolite::spark {

template <class K, class V, class C, class Functions>
class CombineHereNode final : public TypedNode<std::pair<K, C>> {
 public:
  using In = std::pair<K, V>;
  using Out = std::pair<K, C>;

  CombineHereNode(NodeSeed seed, Functions functions)
      : TypedNode<Out>(std::move(seed)),
        policy_{std::move(functions), {}},
        parent_(static_cast<const TypedNode<In>&>(*this->parents()[0])) {}

  void compute(TaskContext& task, std::uint32_t partition, Sink<Out>& sink) const override {
    typename Policy::Reduce table(policy_, task, sink, 0);
    parent_.each(task, partition, [&](std::span<const In> batch) {
      task.throw_if_stopped();
      table.add_sent(batch);
      return true;
    });
    table.finish();
  }

  const Registration& registration() const override { return registration_of<CombineHereNode>; }
  void save(CapturePacker& out) const override { pack_capture(out, policy_.functions); }
  static std::shared_ptr<Node> make(Unpacker& in, NodeSeed seed) {
    return std::make_shared<CombineHereNode>(std::move(seed), unpack_capture<Functions>(in));
  }

 private:
  using Policy = CombinePolicy<K, V, C, Functions, ByHash, false>;
  const Policy policy_;
  const TypedNode<In>& parent_;
};

}  // namespace mesolite::spark

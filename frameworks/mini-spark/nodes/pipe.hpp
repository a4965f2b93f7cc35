// PipeNode: a partition made of the parent's partition of the same number: map, filter, flat_map…
//
// Op says what is done, and is what is shipped:
//   using Out = …;                       the records that come out
//   MESOLITE_PARTS(…)                    its functions and parameters, in declared order
//   Run start(TaskContext&, partition)   begins a partition; Run has
//     void operator()(std::span<const T> batch, Emitter<Out>& out)
//     void finish(Emitter<Out>& out)     after the last batch
#pragma once

#include <memory>
#include <tuple>
#include <utility>

#include "frameworks/mini-spark/engine/node.hpp"

namespace mesolite::spark {

template <class T, class Op>
class PipeNode final : public TypedNode<typename Op::Out> {
 public:
  using Out = typename Op::Out;

  PipeNode(NodeSeed seed, Op op)
      : TypedNode<Out>(std::move(seed)),
        op_(std::move(op)),
        parent_(static_cast<const TypedNode<T>&>(*this->parents()[0])) {}

  void compute(TaskContext& task, std::uint32_t partition, Sink<Out>& sink) const override {
    Emitter<Out> out(sink);
    auto run = op_.start(task, partition);
    parent_.each(task, partition, [&](std::span<const T> batch) {
      task.throw_if_stopped();
      run(batch, out);
      return out.open();
    });
    run.finish(out);
    out.flush();
  }

  const Registration& registration() const override { return registration_of<PipeNode>; }
  void save(CapturePacker& out) const override { pack_capture(out, op_); }
  static std::shared_ptr<Node> make(Unpacker& in, NodeSeed seed) {
    return std::make_shared<PipeNode>(std::move(seed), unpack_capture<Op>(in));
  }

 private:
  const Op op_;
  const TypedNode<T>& parent_;
};

// A Run of which each batch is handled alone.
template <class F>
struct BatchRun {
  F f;
  template <class T, class Out>
  void operator()(std::span<const T> batch, Emitter<Out>& out) {
    f(batch, out);
  }
  template <class Out>
  void finish(Emitter<Out>&) const {}
};
template <class F>
BatchRun<F> batch_run(F f) {
  return {std::move(f)};
}

}  // namespace mesolite::spark

// Two files have a functor of the same name in their anonymous namespaces. Sent by name, one would
// run for the other.
#pragma once

#include <memory>

#include "frameworks/mini-spark/nodes/pipe_ops.hpp"

namespace mesolite::spark {

using NumbersNode = std::shared_ptr<TypedNode<std::int64_t>>;

NumbersNode changed_here(const NumbersNode& numbers);   // program.cpp: x + 1
NumbersNode changed_there(const NumbersNode& numbers);  // other.cpp: 100 x

// What RDD::map() makes, without a context.
template <class F>
NumbersNode mapped(std::uint64_t id, const NumbersNode& numbers, F f) {
  using Op = MapOp<std::int64_t, F>;
  return std::make_shared<PipeNode<std::int64_t, Op>>(NodeSeed{id, "map", 1, {}, {numbers}},
                                                      Op{std::move(f)});
}

}  // namespace mesolite::spark

#include "frameworks/mini-spark/nodes/sources.hpp"

namespace mesolite::spark {

void RangeNode::compute(TaskContext& task, std::uint32_t partition,
                        Sink<std::int64_t>& sink) const {
  const auto [begin, end] = slice(count_, partition, partitions());
  task.metrics.records_read += end - begin;
  Emitter<std::int64_t> out(sink);
  // Unsigned: the number behind the last one need not exist.
  for (std::uint64_t i = begin; i < end && out.open(); ++i) {
    out.emit(static_cast<std::int64_t>(static_cast<std::uint64_t>(first_) +
                                       i * static_cast<std::uint64_t>(step_)));
  }
  out.flush();
}

const Registration& RangeNode::registration() const {
  return registration_of<RangeNode>;
}

void RangeNode::save(CapturePacker& out) const {
  pack(out, first_);
  pack(out, step_);
  pack(out, count_);
}

std::shared_ptr<Node> RangeNode::make(Unpacker& in, NodeSeed seed) {
  std::int64_t first = 0;
  std::int64_t step = 0;
  std::uint64_t count = 0;
  unpack(in, first);
  unpack(in, step);
  unpack(in, count);
  return std::make_shared<RangeNode>(std::move(seed), first, step, count);
}

}  // namespace mesolite::spark

#include "frameworks/mini-spark/engine/node.hpp"

#include "mesolite/base/check.hpp"

namespace mesolite::spark {

void Node::run(TaskContext&, std::uint32_t, Packer&) const {
  MESOLITE_CHECK(false, "only a shuffle or an action runs as the end of a stage");
}

}  // namespace mesolite::spark

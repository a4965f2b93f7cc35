// A stage as bytes: its nodes, parents before children, each by the offset of its registration.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "frameworks/mini-spark/engine/node.hpp"

namespace mesolite::spark {

// All that a worker needs to run `end`; shuffles that the stage reads come without their parents.
// Fails, naming stage and function, if a capture points into this process or a function is not of
// the executable itself.
Result<std::string> encode_stage(const std::shared_ptr<Node>& end);

// The node at the end of the stage.
Result<std::shared_ptr<Node>> decode_stage(std::string_view bytes);

}  // namespace mesolite::spark

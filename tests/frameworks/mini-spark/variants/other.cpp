#include "tests/frameworks/mini-spark/variants/parts.hpp"

namespace mesolite::spark {
namespace {

struct Change {
  std::int64_t factor = 1;
  std::int64_t operator()(std::int64_t x) const { return x * factor; }
};

}  // namespace

NumbersNode changed_there(const NumbersNode& numbers) {
  return mapped(3, numbers, Change{100});
}

}  // namespace mesolite::spark

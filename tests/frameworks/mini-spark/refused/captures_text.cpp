// Must not compile: what a captured std::string points to is not on the worker.
#include "frameworks/mini-spark/api/rdd.hpp"

std::uint64_t longer_than(mesolite::spark::RDD<std::string> lines, const std::string& other) {
  return lines.filter([other](const std::string& line) { return line > other; }).count();
}

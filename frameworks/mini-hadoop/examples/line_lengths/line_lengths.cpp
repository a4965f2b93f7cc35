// A whole job of one's own: counts the lines of each length.
#include <memory>
#include <string>

#include "frameworks/mini-hadoop/api/job_library.hpp"

namespace {

using namespace mesolite::hadoop;  // an example, and a program of its own
using mesolite::Status;

class LengthMapper final : public Mapper {
 public:
  Status map(const InputRecord& line, Emitter& out) override {
    out.emit(std::to_string(line.value.size()), "1");
    return {};
  }
};

// Also the combiner: sums of sums are sums.
class SumReducer final : public Reducer {
 public:
  Status reduce(std::string_view length, Values& counts, Emitter& out) override {
    std::uint64_t sum = 0;
    while (counts.next()) sum += std::stoull(std::string(counts.value()));
    out.emit(length, std::to_string(sum));
    return {};
  }
};

int compare_lengths(std::string_view left, std::string_view right) {
  return left.size() != right.size()
             ? static_cast<int>(left.size()) - static_cast<int>(right.size())
             : left.compare(right);
}

mesolite::Result<JobClasses> make(const Parameters&) {
  JobClasses classes;
  classes.mapper = [] { return std::make_unique<LengthMapper>(); };
  classes.combiner = [] { return std::make_unique<SumReducer>(); };
  classes.reducer = [] { return std::make_unique<SumReducer>(); };
  classes.key_comparison = compare_lengths;  // shorter numbers are smaller ones
  classes.total_order = true;                // all parts, one after the other, are in order
  return classes;
}

}  // namespace

MINI_HADOOP_JOB("line-lengths", "Counts the lines of each length", make)

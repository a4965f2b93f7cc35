#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frameworks/mini-hadoop/engine/class_job.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::hadoop {
namespace {

// Keys travel with the side that they are of as their last byte. The right side comes first in each
// group: it is kept in memory, and the left side passes by.
constexpr char right_side = 'R';
constexpr char left_side = 'l';
static_assert(right_side < left_side);

std::string_view without_side(std::string_view key) {
  return key.substr(0, key.size() - 1);
}

int compare_keys(std::string_view left, std::string_view right) {
  return without_side(left).compare(without_side(right));
}

int compare_keys_and_sides(std::string_view left, std::string_view right) {
  const int order = compare_keys(left, right);
  return order != 0 ? order : left.back() - right.back();
}

class SideMapper final : public Mapper {
 public:
  Status setup(TaskContext& context) override {
    const auto paths = context.parameters.find("right");
    if (paths == context.parameters.end()) return failure("join needs its right side");
    for (const auto path : split(paths->second, '\n')) right_.emplace(path);
    return {};
  }

  Status map(const InputRecord& record, Emitter& out) override {
    const std::size_t tab = std::min(record.value.find('\t'), record.value.size());
    key_ = record.value.substr(0, tab);
    key_ += right_.contains(record.path) ? right_side : left_side;
    out.emit(key_, record.value.substr(tab));  // with its tab, if there is one
    return {};
  }

 private:
  std::set<std::string, std::less<>> right_;
  std::string key_;
};

class KeyPartitioner final : public Partitioner {
 public:
  std::uint32_t partition(std::string_view key, std::string_view,
                          std::uint32_t partitions) const override {
    return partition_of(hash_key(without_side(key)), partitions);
  }
};

class PairReducer final : public Reducer {
 public:
  Status reduce(std::string_view, Values& values, Emitter& out) override {
    right_.clear();
    while (values.next()) {
      if (values.key().back() == right_side) {
        right_.emplace_back(values.value());
        continue;
      }
      for (const std::string& right : right_) {
        line_ = without_side(values.key());
        out.emit(line_.append(values.value()).append(right), "");
      }
    }
    return {};
  }

 private:
  std::vector<std::string> right_;
  std::string line_;
};

}  // namespace

std::unique_ptr<Job> join_job() {
  JobClasses classes;
  classes.mapper = [] { return std::make_unique<SideMapper>(); };
  classes.reducer = [] { return std::make_unique<PairReducer>(); };
  classes.partitioner = [] { return std::make_unique<KeyPartitioner>(); };
  classes.key_comparison = compare_keys_and_sides;
  classes.grouping = compare_keys;
  return std::make_unique<ClassJob>(std::move(classes));
}

}  // namespace mesolite::hadoop

#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "frameworks/mini-hadoop/engine/class_job.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::size_t rank_size = 8;

// Eight bytes whose order is that of the counts upside down.
std::string rank_of(std::uint64_t count) {
  std::string rank(rank_size, '\0');
  for (std::size_t byte = 0; byte < rank_size; ++byte) {
    rank[byte] = static_cast<char>(~count >> (8 * (rank_size - 1 - byte)));
  }
  return rank;
}

std::uint64_t count_of(std::string_view rank) {
  std::uint64_t inverted = 0;
  for (const char byte : rank.substr(0, rank_size)) {
    inverted = inverted << 8 | static_cast<unsigned char>(byte);
  }
  return ~inverted;
}

// The number of lines wanted of all; without the parameter "limit" there is no end.
Result<std::uint64_t> limit_of(const TaskContext& context) {
  if (!context.parameters.contains("limit")) return std::numeric_limits<std::uint64_t>::max();
  return number_parameter(context.parameters, "limit");
}

class RankMapper final : public Mapper {
 public:
  Status setup(TaskContext& context) override {
    const auto limit = limit_of(context);
    if (!limit) return tl::unexpected(limit.error());
    limit_ = *limit;
    return {};
  }

  Status map(const InputRecord& record, Emitter& out) override {
    const std::string_view line = record.value;
    const std::size_t tab = line.rfind('\t');  // the text may hold tabs, the count does not
    std::uint64_t count = 0;
    const char* const begin = line.data() + (tab == line.npos ? line.size() : tab + 1);
    const char* const end = line.data() + line.size();
    if (begin == end || std::from_chars(begin, end, count).ptr != end) {
      return failure("'" + std::string(record.path) + "' byte " + std::to_string(record.offset) +
                     ": expected text, a tab and a count");
    }
    key_ = rank_of(count);
    key_.append(line.substr(0, tab));
    if (limit_ > kept_max) {
      out.emit(key_, "");
    } else {
      best_.insert(key_);
      if (best_.size() > limit_) best_.erase(std::prev(best_.end()));
    }
    return {};
  }

  Status cleanup(Emitter& out) override {
    for (const std::string& key : best_) out.emit(key, "");
    return {};
  }

 private:
  static constexpr std::uint64_t kept_max = 100'000;  // for more the reduce makes the choice

  std::uint64_t limit_ = 0;
  std::set<std::string> best_;
  std::string key_;
};

class RankReducer final : public Reducer {
 public:
  Status setup(TaskContext& context) override {
    const auto limit = limit_of(context);
    if (!limit) return tl::unexpected(limit.error());
    left_ = *limit;
    return {};
  }

  Status reduce(std::string_view key, Values& values, Emitter& out) override {
    const std::string count = std::to_string(count_of(key));
    for (; left_ > 0 && values.next(); --left_) out.emit(count, key.substr(rank_size));
    return {};
  }

 private:
  std::uint64_t left_ = 0;
};

}  // namespace

std::unique_ptr<Job> sort_by_count_job() {
  JobClasses classes;
  classes.mapper = [] { return std::make_unique<RankMapper>(); };
  classes.reducer = [] { return std::make_unique<RankReducer>(); };
  return std::make_unique<ClassJob>(std::move(classes));
}

}  // namespace mesolite::hadoop

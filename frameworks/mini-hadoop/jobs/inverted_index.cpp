#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "frameworks/mini-hadoop/engine/class_job.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"

namespace mesolite::hadoop {
namespace {

// What stands between maps, combiner and reduces: word -> "count path".
class WordPlaceMapper final : public Mapper {
 public:
  Status map(const InputRecord& record, Emitter& out) override {
    if (path_ != record.path) {
      path_ = record.path;
      once_ = "1 " + path_;
    }
    std::string_view line = record.value;
    while (true) {
      const std::size_t begin = line.find_first_not_of(spaces);
      if (begin == std::string_view::npos) return {};
      const std::size_t end = std::min(line.find_first_of(spaces, begin), line.size());
      out.emit(line.substr(begin, end - begin), once_);
      line.remove_prefix(end);
    }
  }

 private:
  static constexpr std::string_view spaces = " \t\n\v\f\r";
  std::string path_;
  std::string once_;
};

Result<std::map<std::string, std::uint64_t>> counts_by_path(Values& values) {
  std::map<std::string, std::uint64_t> counts;
  while (values.next()) {
    const std::string_view value = values.value();
    const std::size_t blank = value.find(' ');
    std::uint64_t count = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), count);
    if (blank == std::string_view::npos || parsed.ptr != value.data() + blank) {
      return failure("expected a count and a path, got '" + std::string(value) + "'");
    }
    counts[std::string(value.substr(blank + 1))] += count;
  }
  return counts;
}

class PlaceCombiner final : public Combiner {
 public:
  Status reduce(std::string_view key, Values& values, Emitter& out) override {
    const auto counts = counts_by_path(values);
    if (!counts) return tl::unexpected(counts.error());
    for (const auto& [path, count] : *counts) out.emit(key, std::to_string(count) + " " + path);
    return {};
  }
};

class PlaceReducer final : public Reducer {
 public:
  Status reduce(std::string_view key, Values& values, Emitter& out) override {
    const auto counts = counts_by_path(values);
    if (!counts) return tl::unexpected(counts.error());
    std::string places;
    for (const auto& [path, count] : *counts) {
      places += (places.empty() ? "" : "\t") + path + ":" + std::to_string(count);
    }
    out.emit(key, places);
    return {};
  }
};

}  // namespace

std::unique_ptr<Job> inverted_index_job() {
  JobClasses classes;
  classes.mapper = [] { return std::make_unique<WordPlaceMapper>(); };
  classes.combiner = [] { return std::make_unique<PlaceCombiner>(); };
  classes.reducer = [] { return std::make_unique<PlaceReducer>(); };
  return std::make_unique<ClassJob>(std::move(classes));
}

}  // namespace mesolite::hadoop

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "frameworks/mini-hadoop/engine/class_job.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"

namespace mesolite::hadoop {
namespace {

// A key is both numbers, each as eight bytes whose order is theirs; groups share the first.
constexpr std::size_t number_size = 8;
constexpr std::uint64_t sign = std::uint64_t{1} << 63;
constexpr std::string_view dashes = "------------------------------------------------";

void append_number(std::string& key, std::int64_t number) {
  const std::uint64_t ordered = static_cast<std::uint64_t>(number) ^ sign;
  for (std::size_t byte = number_size; byte-- > 0;) {
    key.push_back(static_cast<char>(ordered >> (8 * byte)));
  }
}

std::int64_t number_in(std::string_view key, std::size_t at) {
  std::uint64_t ordered = 0;
  for (const char byte : key.substr(at, number_size)) {
    ordered = ordered << 8 | static_cast<unsigned char>(byte);
  }
  return static_cast<std::int64_t>(ordered ^ sign);
}

int compare_first_numbers(std::string_view left, std::string_view right) {
  return left.substr(0, number_size).compare(right.substr(0, number_size));
}

class TwoNumbersMapper final : public Mapper {
 public:
  Status map(const InputRecord& record, Emitter& out) override {
    key_.clear();
    std::string_view line = record.value;
    for (int i = 0; i < 2; ++i) {
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      std::int64_t number = 0;
      const auto parsed = std::from_chars(line.data(), line.data() + line.size(), number);
      if (parsed.ec != std::errc{}) return bad_line(record);
      line.remove_prefix(static_cast<std::size_t>(parsed.ptr - line.data()));
      append_number(key_, number);
    }
    if (line.find_first_not_of(" \t") != std::string_view::npos) return bad_line(record);
    out.emit(key_, "");
    return {};
  }

 private:
  static tl::unexpected<Error> bad_line(const InputRecord& record) {
    return failure("'" + std::string(record.path) + "' byte " + std::to_string(record.offset) +
                   ": expected two whole numbers");
  }

  std::string key_;
};

class FirstNumberPartitioner final : public Partitioner {
 public:
  std::uint32_t partition(std::string_view key, std::string_view,
                          std::uint32_t partitions) const override {
    return partition_of(hash_key(key.substr(0, number_size)), partitions);
  }
};

class GroupReducer final : public Reducer {
 public:
  Status reduce(std::string_view key, Values& values, Emitter& out) override {
    out.emit(dashes, "");
    const std::string first = std::to_string(number_in(key, 0));
    while (values.next()) out.emit(first, std::to_string(number_in(values.key(), number_size)));
    return {};
  }
};

}  // namespace

std::unique_ptr<Job> secondary_sort_job() {
  JobClasses classes;
  classes.mapper = [] { return std::make_unique<TwoNumbersMapper>(); };
  classes.reducer = [] { return std::make_unique<GroupReducer>(); };
  classes.partitioner = [] { return std::make_unique<FirstNumberPartitioner>(); };
  classes.grouping = compare_first_numbers;
  return std::make_unique<ClassJob>(std::move(classes));
}

}  // namespace mesolite::hadoop

// Sorts generated records of ten bytes of key and ninety of value, as the sort benchmark has them:
// spark-sort [RECORDS] [OUTPUT-DIRECTORY]
#include <cstdio>
#include <cstdlib>
#include <string>

#include "frameworks/mini-spark/api/program.hpp"
#include "mesolite/base/random.hpp"

namespace {

using mesolite::spark::Arguments;
using mesolite::spark::SparkContext;

using Record = std::pair<std::string, std::string>;

Record some_record(std::int64_t number) {
  mesolite::Random random(static_cast<std::uint64_t>(number) + 11);
  Record record;
  for (int i = 0; i < 10; ++i) record.first += static_cast<char>(' ' + random.below(95));
  record.second = std::to_string(number);
  record.second.resize(90, '.');
  return record;
}

// Of a run of records: whether they ascend, and its ends.
struct Order {
  bool ascends = true;
  std::uint64_t count = 0;
  std::string first;
  std::string last;
  MESOLITE_FIELDS(ascends, count, first, last);
};

void sort_records(SparkContext& spark, const Arguments& arguments) {
  const auto count = arguments.empty() ? 500'000 : std::atoll(arguments[0].c_str());
  const auto ordered = spark.range(0, count).map(some_record).sort_by_key();
  if (arguments.size() > 1) return ordered.save_as_text_file(arguments[1]);
  const auto parts = ordered
                         .map_partitions([](std::span<const Record> all) {
                           Order order;
                           order.count = all.size();
                           if (!all.empty()) order.first = all.front().first;
                           if (!all.empty()) order.last = all.back().first;
                           order.ascends = std::is_sorted(
                               all.begin(), all.end(),
                               [](const Record& a, const Record& b) { return a.first < b.first; });
                           return std::vector<Order>{order};
                         })
                         .collect();
  bool ascends = true;
  std::uint64_t total = 0;
  std::string last;
  for (const Order& part : parts) {
    ascends = ascends && part.ascends && (part.count == 0 || last <= part.first);
    if (part.count > 0) last = part.last;
    total += part.count;
  }
  std::printf("%llu records in %zu partitions, %s; from '%s' to '%s'\n",
              static_cast<unsigned long long>(total), parts.size(),
              ascends ? "in order" : "NOT in order",
              parts.empty() ? "" : parts.front().first.c_str(), last.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  return mesolite::spark::run(argc, argv, sort_records);
}

#include "frameworks/mini-hadoop/engine/sums.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "mesolite/data/records.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::uint64_t groups_between_checks = 4096;
constexpr std::ptrdiff_t sums_ahead = 16;

Status append_sum(data::SpillWriter& writer, std::string_view key, std::uint64_t sum) {
  char value[data::varint_size_max];
  const char* const end = data::put_varint(value, sum);
  return writer.append(key, {value, static_cast<std::size_t>(end - value)});
}

Result<std::uint64_t> decode_sum(std::string_view value) {
  std::uint64_t sum = 0;
  const char* const end = value.data() + value.size();
  if (data::get_varint(value.data(), end, sum) != end) return failure("a sum is not a number");
  return sum;
}

// Calls visit(key, sum) once for each key of a merge; a failure of visit ends it.
template <class Visit>
Status for_each_sum(data::Merger& merger, Visit&& visit) {
  std::string key;
  std::uint64_t sum = 0;
  bool any = false;
  while (true) {
    const auto more = merger.next();
    if (!more) return tl::unexpected(more.error());
    const bool same = *more && any && merger.key() == key;
    if (any && !same) {
      if (auto visited = visit(std::string_view(key), sum); !visited) return visited;
    }
    if (!*more) return {};
    const auto amount = decode_sum(merger.value());
    if (!amount) return tl::unexpected(amount.error());
    sum = same ? sum + *amount : *amount;
    if (!same) key.assign(merger.key());
    any = true;
  }
}

Status merge_sums(data::Merger& merger, data::SpillWriter& writer) {
  return for_each_sum(merger, [&](std::string_view key, std::uint64_t sum) {
    return append_sum(writer, key, sum);
  });
}

}  // namespace

SumCollector::SumCollector(MapTask& task)
    : task_(task), table_(task.workspace.sums()), spills_(task, nullptr) {
  table_.clear();
}

SpillSet::WritePartition SumCollector::write_sorted() {
  const auto items = table_.sort(task_.partitions);
  return [this, items, item = items.begin()](std::uint32_t partition,
                                             data::SpillWriter& writer) mutable -> Status {
    for (; item != items.end() && item->partition == partition; ++item) {
      table_.prefetch(*(item + std::min(sums_ahead, items.end() - item - 1)));
      const Status appended = append_sum(writer, table_.key(*item), table_.sum(*item));
      if (!appended) return appended;
    }
    return {};
  };
}

void SumCollector::spill() {
  auto spilled = spills_.spill(write_sorted());
  if (!spilled && status_) status_ = std::move(spilled);
  table_.clear();
}

Result<MapOutput> SumCollector::finish() {
  if (!status_) return tl::unexpected(status_.error());
  auto output = spills_.finish(write_sorted(), merge_sums);
  task_.counters.add(counter::map_output_records, records_);
  task_.counters.add(counter::spilled_records, spills_.records());
  return output;
}

Result<std::map<std::string, std::uint64_t>> read_sums(data::Merger& input) {
  std::map<std::string, std::uint64_t> sums;
  const Status read = for_each_sum(input, [&](std::string_view key, std::uint64_t sum) {
    sums[std::string(key)] = sum;
    return Status{};
  });
  if (!read) return tl::unexpected(read.error());
  return sums;
}

Status reduce_sums(ReduceTask& task) {
  auto writer = TextOutputFormat().create(task.files, task.output_path);
  if (!writer) return tl::unexpected(writer.error());
  std::uint64_t groups = 0;
  const Status written = for_each_sum(task.input, [&](std::string_view key, std::uint64_t sum) {
    if (++groups % groups_between_checks == 0) {
      task.records_done = groups;
      if (task.stop.stop_requested()) return Status(stopped());
    }
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, sum).ptr;
    return (*writer)->write(key, {digits, static_cast<std::size_t>(end - digits)});
  });
  if (!written) return written;
  const auto bytes = (*writer)->close();
  if (!bytes) return tl::unexpected(bytes.error());
  task.counters.add(counter::reduce_input_groups, groups);
  task.counters.add(counter::reduce_output_records, groups);
  task.counters.add(counter::reduce_output_bytes, *bytes);
  return {};
}

}  // namespace mesolite::hadoop

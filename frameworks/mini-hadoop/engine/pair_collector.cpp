#include "frameworks/mini-hadoop/engine/pair_collector.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "frameworks/mini-hadoop/engine/groups.hpp"
#include "mesolite/base/check.hpp"

namespace mesolite::hadoop {
namespace {

// Records are read in the order of their keys, which is none in memory.
constexpr std::size_t records_ahead = 16;

}  // namespace

// The values of pairs with one key, in the order in which they were emitted.
class PairCollector::SortedValues final : public Values {
 public:
  SortedValues(const RecordBuffer& buffer, Items items) : buffer_(buffer), items_(items) {}

  bool next() override {
    at_ = started_ ? std::min(at_ + 1, items_.size()) : 0;
    started_ = true;
    return at_ < items_.size();
  }
  std::string_view key() const override { return buffer_.key(items_[at_]); }
  std::string_view value() const override { return buffer_.value(items_[at_]); }

 private:
  const RecordBuffer& buffer_;
  Items items_;
  std::size_t at_ = 0;
  bool started_ = false;
};

PairCollector::PairCollector(MapTask& task, Options options)
    : task_(task),
      options_(options),
      buffer_(task.workspace.records()),
      spills_(task, options.comparison) {
  buffer_.clear();
}

void PairCollector::emit(std::string_view key, std::string_view value) {
  if (!status_) return;
  const std::size_t size = key.size() + value.size();
  if (size > data::frame_raw_max) {
    status_ = failure("a pair of " + std::to_string(size) + " bytes was emitted; the limit is " +
                      std::to_string(data::frame_raw_max));
    return;
  }
  const std::uint32_t partition =
      options_.partitioner != nullptr
          ? options_.partitioner->partition(key, value, task_.partitions)
          : partition_of(hash_key(key), task_.partitions);
  if (partition >= task_.partitions) {
    status_ = failure("the partitioner answered " + std::to_string(partition) + " of " +
                      std::to_string(task_.partitions) + " partitions");
    return;
  }
  add(key, value, partition);
}

void PairCollector::make_room_and_add(std::string_view key, std::string_view value,
                                      std::uint32_t partition) {
  if (buffer_.size() > 0) spill();
  MESOLITE_CHECK(buffer_.add(key, value, partition), "an empty buffer takes any pair");
}

bool PairCollector::same_key(const SortItem& a, const SortItem& b) const {
  const std::string_view left = buffer_.key(a);
  const std::string_view right = buffer_.key(b);
  return options_.comparison != nullptr ? options_.comparison(left, right) == 0 : left == right;
}

SpillSet::WritePartition PairCollector::write_sorted() {
  const Items items = buffer_.sort(options_.comparison);
  return [this, items, first = items.begin()](std::uint32_t partition,
                                              data::SpillWriter& writer) mutable {
    const auto end = std::find_if(
        first, items.end(), [&](const SortItem& item) { return item.partition != partition; });
    const Items mine{first, end};
    first = end;
    if (options_.run_combiner != nullptr) return combine_run(mine, writer);
    return options_.combiner != nullptr ? combine(mine, writer) : write(mine, writer);
  };
}

void PairCollector::spill() {
  auto spilled = spills_.spill(write_sorted());
  if (!spilled && status_) status_ = std::move(spilled);
  buffer_.clear();
}

Status PairCollector::write(Items items, data::SpillWriter& writer) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    buffer_.prefetch(items[std::min(i + records_ahead, items.size() - 1)]);
    auto written = writer.append(buffer_.key(items[i]), buffer_.value(items[i]));
    if (!written) return written;
  }
  return {};
}

Status PairCollector::combine(Items items, data::SpillWriter& writer) {
  SpillEmitter out(writer);
  for (auto first = items.begin(); first != items.end();) {
    const auto end = std::find_if(first, items.end(),
                                  [&](const SortItem& item) { return !same_key(*first, item); });
    SortedValues values(buffer_, {first, end});
    const std::string_view key = buffer_.key(*first);
    Status combined =
        guarded("combiner", [&] { return options_.combiner->reduce(key, values, out); });
    if (!combined) return combined;
    if (!out.status()) return out.status();
    first = end;
  }
  return {};
}

Status PairCollector::combine_run(Items items, data::SpillWriter& writer) {
  if (items.empty()) return {};
  SpillEmitter out(writer);
  Status combined = options_.run_combiner->begin(out);
  for (auto item = items.begin(); combined && item != items.end(); ++item) {
    combined = options_.run_combiner->add(buffer_.key(*item), buffer_.value(*item));
  }
  if (combined) combined = options_.run_combiner->end();
  return combined ? out.status() : combined;
}

Status PairCollector::merge(data::Merger& merger, data::SpillWriter& writer) {
  SpillEmitter out(writer);
  if (options_.combiner != nullptr) {
    const auto kept = [&](const GroupCounts&) { return out.status(); };
    return reduce_groups(merger, options_.comparison, *options_.combiner, out, kept);
  }
  while (true) {
    const auto more = merger.next();
    if (!more) return tl::unexpected(more.error());
    if (!*more) return out.status();
    out.emit(merger.key(), merger.value());
  }
}

Result<MapOutput> PairCollector::finish() {
  if (!status_) return tl::unexpected(status_.error());
  auto output = spills_.finish(
      write_sorted(),
      [this](data::Merger& merger, data::SpillWriter& writer) { return merge(merger, writer); });
  task_.counters.add(counter::map_output_records, records_);
  task_.counters.add(counter::spilled_records, spills_.records());
  return output;
}

}  // namespace mesolite::hadoop

#include "frameworks/mini-hadoop/engine/pair_collector.hpp"

#include <algorithm>
#include <utility>

#include "frameworks/mini-hadoop/engine/groups.hpp"

namespace mesolite::hadoop {
// The values of pairs with one key, in the order in which they were emitted.
class PairCollector::SortedValues final : public Values {
 public:
  SortedValues(const Pair* first, const Pair* end) : at_(first), end_(end) {}

  bool next() override {
    if (started_ && at_ != end_) ++at_;
    started_ = true;
    return at_ != end_;
  }
  std::string_view value() const override { return at_->value(); }

 private:
  const Pair* at_;
  const Pair* end_;
  bool started_ = false;
};

PairCollector::PairCollector(MapTask& task, Options options)
    : task_(task),
      options_(options),
      spills_(task.scratch_prefix, task.partitions, options.comparison),
      bytes_(task.memory) {}

void PairCollector::emit(std::string_view key, std::string_view value) {
  if (!status_) return;
  const std::size_t size = key.size() + value.size();
  if (size > data::frame_raw_max) {
    status_ = failure("a pair of " + std::to_string(size) + " bytes was emitted; the limit is " +
                      std::to_string(data::frame_raw_max));
    return;
  }
  // A full list doubles when it grows: both copies count.
  if (bytes_.bytes() + pairs_.size() * sizeof(Pair) * 3 > task_.memory) spill();
  const std::uint32_t partition =
      options_.partitioner != nullptr
          ? options_.partitioner->partition(key, value, task_.partitions)
          : partition_of(hash_key(key), task_.partitions);
  if (partition >= task_.partitions) {
    status_ = failure("the partitioner answered " + std::to_string(partition) + " of " +
                      std::to_string(task_.partitions) + " partitions");
    return;
  }
  char* const bytes = bytes_.allocate(size);
  key.copy(bytes, key.size());
  value.copy(bytes + key.size(), value.size());
  pairs_.push_back({data::key_prefix(key), bytes, static_cast<std::uint32_t>(key.size()),
                    static_cast<std::uint32_t>(value.size()), partition});
  ++records_;
}

int PairCollector::compare_keys(const Pair& a, const Pair& b) const {
  if (options_.comparison != nullptr) return options_.comparison(a.key(), b.key());
  if (a.prefix != b.prefix) return a.prefix < b.prefix ? -1 : 1;
  return a.key().compare(b.key());
}

void PairCollector::spill() {
  std::stable_sort(pairs_.begin(), pairs_.end(), [this](const Pair& a, const Pair& b) {
    if (a.partition != b.partition) return a.partition < b.partition;
    return compare_keys(a, b) < 0;
  });
  auto pair = pairs_.cbegin();
  auto spilled = spills_.spill([&](std::uint32_t partition, data::SpillWriter& writer) {
    return write_partition(pair, partition, writer);
  });
  if (!spilled && status_) status_ = std::move(spilled);
  pairs_.clear();
  bytes_.clear();
}

Status PairCollector::write_partition(std::vector<Pair>::const_iterator& pair,
                                      std::uint32_t partition, data::SpillWriter& writer) {
  const auto in_partition = [&](const Pair& each) { return each.partition == partition; };
  const auto end = std::find_if_not(pair, pairs_.cend(), in_partition);
  if (options_.combiner == nullptr) {
    for (; pair != end; ++pair) {
      if (auto written = writer.append(pair->key(), pair->value()); !written) return written;
    }
    return {};
  }
  SpillEmitter out(writer);
  while (pair != end) {
    const auto other_key = [&](const Pair& each) { return compare_keys(*pair, each) != 0; };
    const auto group_end = std::find_if(pair, end, other_key);
    SortedValues values(&*pair, &*pair + (group_end - pair));
    Status combined =
        guarded("combiner", [&] { return options_.combiner->reduce(pair->key(), values, out); });
    if (!combined) return combined;
    if (!out.status()) return out.status();
    pair = group_end;
  }
  return {};
}

Result<MapOutput> PairCollector::finish() {
  if (status_ && (!pairs_.empty() || spills_.empty())) spill();
  if (!status_) return tl::unexpected(status_.error());
  auto output = spills_.finish([this](data::Merger& merger, data::SpillWriter& writer) -> Status {
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
  });
  task_.counters.add(counter::map_output_records, records_);
  task_.counters.add(counter::spilled_records, spills_.records());
  return output;
}

}  // namespace mesolite::hadoop

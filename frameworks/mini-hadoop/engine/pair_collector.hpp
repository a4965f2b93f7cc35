// PairCollector: the map side of jobs that emit pairs. Takes any pairs, sorts them by partition and
// key when its memory is full, combines what has equal keys, and spills.
//
// Used by one thread; the first failure sticks and shows up in finish().
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "frameworks/mini-hadoop/api/classes.hpp"
#include "frameworks/mini-hadoop/engine/job.hpp"
#include "frameworks/mini-hadoop/engine/spill_set.hpp"

namespace mesolite::hadoop {

// A combiner that takes a whole sorted run at a time and finds its groups by itself. What it emits
// must be in the order of its input.
class RunCombiner {
 public:
  virtual ~RunCombiner() = default;
  virtual Status begin(Emitter& out) = 0;
  virtual Status add(std::string_view key, std::string_view value) = 0;
  virtual Status end() = 0;
};

class PairCollector final : public Emitter {
 public:
  struct Options {
    const Partitioner* partitioner = nullptr;  // none: by hash of the key
    Combiner* combiner = nullptr;              // none, nor the other: pairs are spilled as they are
    RunCombiner* run_combiner = nullptr;
    data::KeyComparison comparison = nullptr;
  };

  PairCollector(MapTask& task, Options options);

  void emit(std::string_view key, std::string_view value) override;
  // For jobs that know the partition. REQUIRES: it is one of the task's.
  void add(std::string_view key, std::string_view value, std::uint32_t partition) {
    if (!buffer_.add(key, value, partition)) make_room_and_add(key, value, partition);
    ++records_;
  }

  const Status& status() const { return status_; }
  Result<MapOutput> finish();

 private:
  class SortedValues;
  using Items = std::span<const SortItem>;

  void make_room_and_add(std::string_view key, std::string_view value, std::uint32_t partition);
  bool same_key(const SortItem& a, const SortItem& b) const;
  // Of what is in the buffer, one partition after the other.
  SpillSet::WritePartition write_sorted();
  void spill();
  Status write(Items items, data::SpillWriter& writer);
  Status combine(Items items, data::SpillWriter& writer);
  Status combine_run(Items items, data::SpillWriter& writer);
  Status merge(data::Merger& merger, data::SpillWriter& writer);

  MapTask& task_;
  Options options_;
  RecordBuffer& buffer_;
  SpillSet spills_;
  Status status_;
  std::uint64_t records_ = 0;
};

}  // namespace mesolite::hadoop

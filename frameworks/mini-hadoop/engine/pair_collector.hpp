// PairCollector: the map side of jobs made of classes. Takes any pairs, sorts them by partition and
// key when its memory is full, combines what has equal keys, and spills.
//
// Used by one thread; the first failure sticks and shows up in finish().
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "frameworks/mini-hadoop/api/classes.hpp"
#include "frameworks/mini-hadoop/engine/arena.hpp"
#include "frameworks/mini-hadoop/engine/job.hpp"
#include "frameworks/mini-hadoop/engine/spill_set.hpp"

namespace mesolite::hadoop {

class PairCollector final : public Emitter {
 public:
  struct Options {
    const Partitioner* partitioner = nullptr;  // none: by hash of the key
    Combiner* combiner = nullptr;              // none: pairs are spilled as they are
    data::KeyComparison comparison = nullptr;
  };

  PairCollector(MapTask& task, Options options);

  void emit(std::string_view key, std::string_view value) override;

  const Status& status() const { return status_; }
  Result<MapOutput> finish();

 private:
  class SortedValues;
  struct Pair {
    std::uint64_t prefix;
    const char* bytes;  // key, then value
    std::uint32_t key_size;
    std::uint32_t value_size;
    std::uint32_t partition;

    std::string_view key() const { return {bytes, key_size}; }
    std::string_view value() const { return {bytes + key_size, value_size}; }
  };

  int compare_keys(const Pair& a, const Pair& b) const;
  void spill();
  Status write_partition(std::vector<Pair>::const_iterator& pair, std::uint32_t partition,
                         data::SpillWriter& writer);

  MapTask& task_;
  Options options_;
  SpillSet spills_;
  std::vector<Pair> pairs_;
  Arena bytes_;
  Status status_;
  std::uint64_t records_ = 0;
};

}  // namespace mesolite::hadoop

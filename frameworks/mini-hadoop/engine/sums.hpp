// Sums: what word count and grep have in common. Their maps add up a number for each key in a
// SumTable, spilled in order when its memory is full; their reduces add up the sums of all maps.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "frameworks/mini-hadoop/engine/job.hpp"
#include "frameworks/mini-hadoop/engine/spill_set.hpp"

namespace mesolite::hadoop {

// The map side. Used by one thread; the first failure sticks and shows up in finish().
class SumCollector {
 public:
  explicit SumCollector(MapTask& task);

  void count(const char* text, std::span<const Word> words) {
    if (table_.full()) spill();
    table_.count(text, words);
    records_ += words.size();
  }
  void add(std::string_view key, std::uint64_t amount) {
    if (table_.full()) spill();
    table_.add(key, amount);
    ++records_;
  }

  const Status& status() const { return status_; }
  Result<MapOutput> finish();

 private:
  // Of what is in the table, one partition after the other.
  SpillSet::WritePartition write_sorted();
  void spill();

  MapTask& task_;
  SumTable& table_;
  SpillSet spills_;
  Status status_;
  std::uint64_t records_ = 0;
};

// The sums of all maps, for a reduce that has few of them.
Result<std::map<std::string, std::uint64_t>> read_sums(data::Merger& input);

// The reduce side: "key<TAB>sum" lines in the order of the keys.
Status reduce_sums(ReduceTask& task);

}  // namespace mesolite::hadoop

// SpillSet: the sorted spills of one map task, and how they become its one output file.
//
// Used by one thread. Its files are removed with it, but for the output.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/engine/job.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/data/merge.hpp"
#include "mesolite/data/spill.hpp"

namespace mesolite::hadoop {

class SpillSet {
 public:
  // Writes all records of one partition, in order.
  using WritePartition = std::function<Status(std::uint32_t partition, data::SpillWriter&)>;
  // Writes what it takes from the merge of one partition's runs.
  using MergePartition = std::function<Status(data::Merger&, data::SpillWriter&)>;

  // Files are made at `path_prefix` with a suffix.
  SpillSet(std::string path_prefix, std::uint32_t partitions, data::KeyComparison comparison)
      : path_prefix_(std::move(path_prefix)), partitions_(partitions), comparison_(comparison) {}
  ~SpillSet();
  SpillSet(const SpillSet&) = delete;
  SpillSet& operator=(const SpillSet&) = delete;

  bool empty() const { return spills_.empty(); }
  std::uint64_t records() const { return records_; }  // spilled so far, merges included

  Status spill(const WritePartition& write_partition);
  // The output: the one spill as it is, or all of them merged. REQUIRES: !empty().
  Result<MapOutput> finish(const MergePartition& merge_partition);

 private:
  Result<MapOutput> write_file(const WritePartition& write_partition);
  // The merge of that partition of the first `count` spills.
  Result<data::Merger> open_merge(std::uint32_t partition, std::size_t count) const;
  Status merge_first(std::size_t count, const MergePartition& merge_partition);

  std::string path_prefix_;
  std::uint32_t partitions_;
  data::KeyComparison comparison_;
  std::vector<MapOutput> spills_;
  std::uint64_t files_made_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace mesolite::hadoop

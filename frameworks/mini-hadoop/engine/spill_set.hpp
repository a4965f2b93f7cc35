// SpillSet: the sorted spills of one map task, and how they become its one output.
//
// A task whose output never filled its memory appends it to a file that its worker thread keeps for
// all such tasks: to make a file for each costs more than a small task does. Any other has a file
// of its own, into which its spills are merged.
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

  SpillSet(const MapTask& task, data::KeyComparison comparison)
      : path_prefix_(task.scratch_prefix + ".spill"),
        outputs_file_(task.outputs_file),
        partitions_(task.partitions),
        comparison_(comparison) {}
  ~SpillSet();
  SpillSet(const SpillSet&) = delete;
  SpillSet& operator=(const SpillSet&) = delete;

  std::uint64_t records() const { return records_; }  // spilled so far, merges included

  Status spill(const WritePartition& write_partition);
  // The output: the rest alone, or merged with what was spilled before.
  Result<MapOutput> finish(const WritePartition& write_rest, const MergePartition& merge_partition);

 private:
  using Writer = std::unique_ptr<data::SpillWriter>;
  Result<MapOutput> write_runs(data::SpillWriter& writer, const WritePartition& write_partition);
  // As write_runs(), but after a failure the file is as long as it was.
  Result<MapOutput> write(Result<Writer> writer, const WritePartition& write_partition);
  std::string next_path() { return path_prefix_ + std::to_string(files_made_++); }
  // The merge of that partition of the first `count` spills.
  Result<data::Merger> open_merge(std::uint32_t partition, std::size_t count) const;
  Status merge_first(std::size_t count, const MergePartition& merge_partition);

  std::string path_prefix_;
  std::string outputs_file_;
  std::uint32_t partitions_;
  data::KeyComparison comparison_;
  std::vector<MapOutput> spills_;
  std::uint64_t files_made_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace mesolite::hadoop

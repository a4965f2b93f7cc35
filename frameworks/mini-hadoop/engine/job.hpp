// Job: what the engine runs for one stage, a whole task at a time.
//
// The built-in jobs implement it directly, so that their inner loops make no call per record;
// ClassJob (class_job.hpp) implements it for a Mapper and a Reducer. Jobs are immutable and shared
// by all threads of an executor; everything that a task needs comes with the call.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/api/classes.hpp"
#include "frameworks/mini-hadoop/engine/sum_table.hpp"
#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/input/splits.hpp"
#include "mesolite/data/buffer.hpp"
#include "mesolite/data/merge.hpp"
#include "mesolite/data/spill.hpp"

namespace mesolite::hadoop {

// Memory that a worker thread keeps from task to task: the first touch of fresh memory is slow.
class Workspace {
 public:
  explicit Workspace(std::size_t memory_max) : sums_(memory_max) {}

  SumTable& sums() { return sums_; }
  data::Buffer& input() { return input_; }

 private:
  SumTable sums_;
  data::Buffer input_;
};

// What a map task leaves behind: a spill file with one sorted run per partition.
struct MapOutput {
  std::string path;
  std::vector<data::SpillRun> runs;
};

struct MapTask {
  const Split& split;
  const Parameters& parameters;
  std::uint32_t partitions;
  std::size_t memory;          // bytes for collecting output
  std::string scratch_prefix;  // of the paths of the files that it may make
  const FileSystem& files;
  Workspace& workspace;
  Counters& counters;
  std::atomic<std::uint64_t>& bytes_done;  // read elsewhere, for progress
  std::stop_token stop;
};

struct ReduceTask {
  data::Merger& input;
  const Parameters& parameters;
  std::string output_path;
  FileSystem& files;
  Counters& counters;
  std::atomic<std::uint64_t>& records_done;
  std::stop_token stop;
};

class Job {
 public:
  virtual ~Job() = default;

  virtual bool splittable() const { return true; }
  virtual data::KeyComparison key_comparison() const { return nullptr; }
  virtual Result<MapOutput> map(MapTask& task) const = 0;
  virtual Status reduce(ReduceTask& task) const = 0;
};

// The failure of a task that was asked to stop. Nobody reads it: whoever asked knows.
inline tl::unexpected<Error> stopped() {
  return failure("stopped");
}

}  // namespace mesolite::hadoop

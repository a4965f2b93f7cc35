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
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "frameworks/mini-hadoop/api/classes.hpp"
#include "frameworks/mini-hadoop/engine/record_buffer.hpp"
#include "frameworks/mini-hadoop/engine/sum_table.hpp"
#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/input/splits.hpp"
#include "mesolite/data/buffer.hpp"
#include "mesolite/data/merge.hpp"
#include "mesolite/data/spill.hpp"

namespace mesolite::hadoop {

// Memory that a worker thread keeps from task to task: the first touch of fresh memory is slow.
// Each part may take all that a task is allowed, so a task that wants none of them, or another one,
// gives back what the last one kept.
class Workspace {
 public:
  // `number`: one of its own in its process.
  explicit Workspace(std::size_t memory_max, std::size_t number = 0)
      : number_(number), sums_(memory_max), records_(memory_max) {}

  std::size_t number() const { return number_; }

  SumTable& sums() {
    records_.release();
    return sums_;
  }
  RecordBuffer& records() {
    sums_.release();
    return records_;
  }
  data::Buffer& input() { return input_; }
  void release() {
    sums_.release();
    records_.release();
    input_.release();
  }

 private:
  const std::size_t number_;
  SumTable sums_;
  RecordBuffer records_;
  data::Buffer input_;
};

// What a task says that it is at; set by the task's thread, read by others.
class TaskNote {
 public:
  void set(std::string_view text) {
    const std::lock_guard lock(mutex_);
    text_ = text.substr(0, size_max);
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  static constexpr std::size_t size_max = 200;
  mutable std::mutex mutex_;  // two threads meet here, for the copy of a line
  std::string text_;
};

// What a map task leaves behind: one sorted run per partition in a spill file. A job without
// reduces leaves none of them, but the file at output_path.
struct MapOutput {
  std::string path;
  std::vector<data::SpillRun> runs;
};

struct MapTask {
  std::uint32_t index;  // among the maps of its stage
  const Split& split;
  const Parameters& parameters;
  std::uint32_t partitions;    // 0: there are no reduces, and the output goes to output_path
  std::size_t memory;          // bytes for collecting output
  std::string scratch_prefix;  // of the paths of the files that it may make
  std::string outputs_file;    // to which it may append its output, if there are reduces
  std::string output_path;     // where there are none
  FileSystem& files;
  Workspace& workspace;
  Counters& counters;
  TaskNote& note;
  std::vector<std::string>& skipped;       // what was wrong with records that were let pass
  std::atomic<std::uint64_t>& bytes_done;  // read elsewhere, for progress
  std::stop_token stop;
};

struct ReduceTask {
  std::uint32_t partition;
  data::Merger& input;
  const Parameters& parameters;
  std::string output_path;
  FileSystem& files;
  Counters& counters;
  TaskNote& note;
  std::atomic<std::uint64_t>& records_done;
  std::stop_token stop;
};

// What is settled on the scheduler's side before the first task of a stage is made.
struct StageSetup {
  FileSystem& files;
  const std::uint32_t reduces;
  std::vector<Split> splits;  // of the input
  Parameters parameters;
};

class Job {
 public:
  virtual ~Job() = default;

  // Whether that file may be cut.
  virtual bool splittable(const std::string& /*path*/) const { return true; }
  // For jobs that make their own input, or that look at some of it beforehand.
  virtual Status prepare(StageSetup&) const { return {}; }
  virtual data::KeyComparison key_comparison() const { return nullptr; }
  virtual Result<MapOutput> map(MapTask& task) const = 0;
  virtual Status reduce(ReduceTask& task) const = 0;
};

// The failure of a task that was asked to stop. Nobody reads it: whoever asked knows.
inline tl::unexpected<Error> stopped() {
  return failure("stopped");
}

}  // namespace mesolite::hadoop

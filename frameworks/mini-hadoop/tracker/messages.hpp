// What the job tracker and the task trackers say to each other, over the kernel's own channels:
// TaskAssignment rides in TaskInfo::data, TaskReport in TaskStatus::data, WorkerOptions in
// ExecutorInfo::data; the two messages at the end are framework messages, which may get lost.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frameworks/mini-hadoop/input/splits.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite::hadoop {

MESOLITE_ENUM(TaskKind, unknown, map, reduce)

// One try at one task. Its text form, "stage0-map-00007-2", is the kernel's task id.
struct AttemptId {
  std::uint32_t stage = 0;
  TaskKind kind = TaskKind::unknown;
  std::uint32_t index = 0;    // of the task among its kind
  std::uint32_t attempt = 0;  // 0 is the first
  MESOLITE_FIELDS(stage, kind, index, attempt);

  friend auto operator<=>(const AttemptId& a, const AttemptId& b) {
    return tie_fields(a) <=> tie_fields(b);
  }
};
std::string to_text(const AttemptId& id);
std::optional<AttemptId> parse_attempt_id(std::string_view text);

// The block that holds a partition of a map attempt's output, and what all blocks of its stage
// start with.
std::string block_name(const AttemptId& map_attempt, std::uint32_t partition);
std::string block_prefix(std::uint32_t stage);
std::string part_name(TaskKind kind, std::uint32_t index);  // "part-r-00007", "part-m-00007"

// Handed to each executor when it starts.
struct WorkerOptions {
  std::string token;                // of the job's blocks
  std::uint64_t memory = 0;         // bytes for the data of one task
  Duration report_interval{500ms};  // between two progress messages
  Duration fetch_timeout{10s};      // without a byte
  MESOLITE_FIELDS(token, memory, report_interval, fetch_timeout);
};

// A reduce's share of one finished map.
struct MapOutputInfo {
  std::uint32_t map = 0;
  std::uint32_t attempt = 0;
  std::string host;  // of the block server that has it
  std::uint64_t length = 0;
  std::uint64_t records = 0;
  MESOLITE_FIELDS(map, attempt, host, length, records);
};

// A file that every executor of a job needs, served as the block "file/HASH" on `host`.
struct ShippedFile {
  std::string name;  // under which the job's tasks know it
  std::string hash;  // of its content: what does not match is not used
  std::uint64_t length = 0;
  bool executable = false;
  std::string host;
  MESOLITE_FIELDS(name, hash, length, executable, host);
};
std::string block_name(const ShippedFile& file);

struct TaskAssignment {
  AttemptId id;
  std::string job;
  std::map<std::string, std::string> parameters;
  std::uint32_t partitions = 0;
  Split split;                         // map
  std::uint32_t maps = 0;              // reduce
  std::vector<MapOutputInfo> outputs;  // reduce: what is there already
  std::string output_path;             // reduce, and map where there are none
  std::vector<ShippedFile> files;
  MESOLITE_FIELDS(id, job, parameters, partitions, split, maps, outputs, output_path, files);
};

struct RunInfo {
  std::uint64_t length = 0;
  std::uint64_t records = 0;
  MESOLITE_FIELDS(length, records);
};

// How a finished attempt went.
struct TaskReport {
  std::string host;           // map: of the block server that has the output
  std::vector<RunInfo> runs;  // map: one per partition
  std::map<std::string, std::uint64_t> counters;
  std::vector<std::string> skipped;  // map: what was wrong with records that were let pass
  MESOLITE_FIELDS(host, runs, counters, skipped);
};

// To the executor: more outputs for a running reduce. What it knows already does no harm.
struct OutputsMessage {
  AttemptId reduce;
  std::vector<MapOutputInfo> outputs;
  MESOLITE_FIELDS(reduce, outputs);
};

MESOLITE_ENUM(WorkerMessageKind, unknown, progress, output_lost)

// To the scheduler.
struct WorkerMessage {
  WorkerMessageKind kind = WorkerMessageKind::unknown;
  AttemptId id;
  double done = 0;                  // progress: 0 to 1
  std::uint32_t outputs_known = 0;  // progress of a reduce: so lost messages are noticed
  std::uint32_t map = 0;            // output_lost: which map's, made by which attempt, and why
  std::uint32_t map_attempt = 0;
  std::string reason;
  std::string note;  // progress: what the task says that it is at
  MESOLITE_FIELDS(kind, id, done, outputs_known, map, map_attempt, reason, note);
};

}  // namespace mesolite::hadoop

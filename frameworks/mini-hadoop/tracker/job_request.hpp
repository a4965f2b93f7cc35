// JobRequest: a whole job as the person who starts it wants it; a value, stored so that a scheduler
// that died can be started again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite::hadoop {

struct JobRequest {
  std::vector<StageRequest> stages;  // each reads what the one before has written
  std::vector<FileEntry> inputs;
  std::string output;            // a directory that does not exist yet
  std::uint64_t split_size = 0;  // bytes; 0 = by the size of the input
  std::uint64_t memory = 0;      // bytes for the data of one task
  double cpus = 1;               // of one task
  CommandInfo executor;
  std::string token;               // secret of the job's blocks
  std::vector<std::string> files;  // to ship to the executors; "path" or "path#name"
  std::string ip = "127.0.0.1";    // where executors reach this process
  MESOLITE_FIELDS(stages, inputs, output, split_size, memory, cpus, executor, token, files, ip);
};

}  // namespace mesolite::hadoop

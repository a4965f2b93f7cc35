// The format of a file of checkpoints:
//
//   "mesolite checks\n"                               16 bytes
//   frame, frame, …                                   the first one holds all that there was
//
//   frame: length, length ^ mark, CRC-32C of the rest      4 bytes each, little-endian
//          then, until it is full: key length, value length (4 bytes each), key, value
//
// A frame is one batch of changes: all of it counts, or none. A value that is empty removes.
//
// Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite::runtime {

struct CheckpointChange {
  std::string key;
  std::string value;
};

using CheckpointRecords = std::map<std::string, std::string, std::less<>>;

// Carries out a change: a value without content removes the key and all below it, and all there is
// if the key is empty too.
void apply(const CheckpointChange& change, CheckpointRecords& records);

inline constexpr std::string_view checkpoint_magic = "mesolite checks\n";

// Appends a frame. REQUIRES: keys and values together are below 1 GB.
void append_frame(std::string& out, const std::vector<CheckpointChange>& changes);
void append_frame(std::string& out, const CheckpointRecords& records);

struct CheckpointContent {
  CheckpointRecords records;
  bool usable = false;       // its first frame is whole
  std::uint64_t offset = 0;  // behind the last frame that is whole
  std::string problem;       // what is wrong there; "": at most a batch that was never completed
};
CheckpointContent read_checkpoints(std::string_view file);

}  // namespace mesolite::runtime

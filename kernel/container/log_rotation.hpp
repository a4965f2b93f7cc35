// Log rotation: keeps what tasks write to standard output and error within bounds, without a
// process or a pipe in between: a task writes to a plain file, whatever becomes of its agent.
//
// When the file has grown beyond its limit, its beginning is moved to "stdout.1" (what was there to
// "stdout.2", and so on), and cut off where it stands. The task, which appends, notices nothing,
// and nothing of what it writes meanwhile is lost where the file system can cut off beginnings
// (FALLOC_FL_COLLAPSE_RANGE: ext4, xfs); elsewhere that may befall what comes within the blink of
// an eye in which the file is emptied. An attribute of the file tells how much is gone, so that
// readers who count from the beginning of all output go on where they were.
//
// Pure functions of the file system; thread-safe for different sandboxes.
#pragma once

#include <cstdint>
#include <string>

#include "kernel/container/descriptor.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::container {

struct LogLimits {
  std::uint64_t bytes_max = 0;  // of one file; 0: none, nothing is rotated
  std::uint32_t kept = 1;       // moved pieces, each of at most as much
};

// Rotates one file of a sandbox if it is too large. Files that the task has put in its place, and
// that could be anything, are left alone. True if it was rotated.
Result<bool> rotate_log(const std::string& sandbox, const std::string& name,
                        const LogLimits& limits);

// How many bytes of what was ever written to the file are gone from its beginning.
std::uint64_t bytes_rotated(const Descriptor& file);

}  // namespace mesolite::container

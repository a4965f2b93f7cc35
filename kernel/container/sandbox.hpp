// Sandboxes on disk: a directory for each container, below one working directory.
//
// Every step goes through a directory descriptor and follows no symbolic link, so that a task that
// rearranges its sandbox gains nothing. Thread-safe: no state.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel/container/descriptor.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::container {

// Who shall own a sandbox.
struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

struct Sandbox {
  Descriptor directory;        // O_PATH
  Descriptor standard_output;  // file "stdout", appended to
  Descriptor standard_error;   // file "stderr"
};

// Creates the directory (its parents too) and the files for its output. `work_dir` exists; `path`
// is absolute and lies below it.
Result<Sandbox> create_sandbox(const std::string& work_dir, const std::string& path,
                               const std::optional<Owner>& owner);

// A file that its owner alone can read, and that nothing was there before. Fails on a name that is
// not plainly one of the sandbox itself.
Status write_secret_file(const Sandbox& sandbox, const std::string& name,
                         const std::string& content, const std::optional<Owner>& owner);
// Those that are not there are fine.
void remove_secret_files(const std::string& sandbox, const std::vector<std::string>& names);

struct SandboxPiece {
  std::string data;
  bool at_end = false;  // nothing was left behind `data` when it was read
};

// Reads at most `length_max` bytes of a file of a sandbox, counted from the first that was ever
// written to it. Fails on what is no regular file, on a name that is not plainly one of the sandbox
// itself, and on bytes that rotation has taken away.
Result<SandboxPiece> read_sandbox_file(const std::string& sandbox, const std::string& file,
                                       std::uint64_t offset, std::uint32_t length_max);

// Removes the sandbox with all that is in it, and the parents below `work_dir` that are empty then.
// A sandbox that is not there is fine.
Status remove_sandbox(const std::string& work_dir, const std::string& path);

}  // namespace mesolite::container

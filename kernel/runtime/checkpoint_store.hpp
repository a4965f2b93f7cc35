// CheckpointStore: what an agent's machine wants to be kept for the next agent, on disk.
//
// Records lie in a file of the present generation: all that there was at its beginning, then each
// batch of changes as it came (checkpoint_file.hpp). A batch costs one fdatasync(2), however many
// changes it holds. When changes outweigh what they change, or at an agent's first write, the next
// generation begins; the one before it stays, for the case that the new one cannot be read.
//
//   checkpoints-7   checkpoints-8   checkpoints-6.damaged
//
// Owned by the agent's runtime. Not thread-safe; from its first write on used by one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "kernel/container/descriptor.hpp"
#include "kernel/runtime/checkpoint_file.hpp"

namespace mesolite::runtime {

class CheckpointStore {
 public:
  // Reads what an earlier agent has left behind, and changes nothing. The directory is made if it
  // is missing. Fails on a directory that cannot be used.
  static Result<std::unique_ptr<CheckpointStore>> open(std::filesystem::path directory,
                                                       std::size_t changes_bytes_min = 4u << 20);
  CheckpointStore(const CheckpointStore&) = delete;
  CheckpointStore& operator=(const CheckpointStore&) = delete;

  const CheckpointRecords& records() const { return records_; }
  // What could not be read of it: a sentence for each file, with the offset, and what is used
  // instead.
  const std::vector<std::string>& problems() const { return problems_; }

  // Durable when it returns. After a failure the changes are kept, and any later write, also one of
  // nothing, tries again to make all of them durable.
  Status write(const std::vector<CheckpointChange>& changes);

 private:
  struct Generation {
    std::uint64_t number = 0;
    std::filesystem::path path;
  };

  CheckpointStore(std::filesystem::path directory, std::size_t changes_bytes_min);
  std::vector<Generation> generations() const;  // newest first
  void read();
  bool read(const Generation& generation);
  Status begin_generation();
  Status append(const std::vector<CheckpointChange>& changes);
  void tidy_up();
  std::filesystem::path path_of(std::uint64_t number) const;

  const std::filesystem::path directory_;
  const std::size_t changes_bytes_min_;
  CheckpointRecords records_;
  std::vector<std::string> problems_;
  std::vector<std::filesystem::path> damaged_;  // to be set aside with the first write
  std::uint64_t number_ = 0;                    // of the newest generation
  container::Descriptor file_;                  // not open: the next write begins a generation
  std::size_t whole_bytes_ = 0;                 // at its beginning
  std::size_t changes_bytes_ = 0;               // since
};

}  // namespace mesolite::runtime

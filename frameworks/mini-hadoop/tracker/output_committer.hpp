// OutputCommitter: nobody sees an output before the whole job has succeeded.
//
// Each reduce attempt (map attempt, in a stage without reduces) writes into a directory of its own
// below OUTPUT/_temporary. The scheduler alone, once all are done, renames the part of the one
// attempt that counts of each to OUTPUT/part-r-NNNNN (part-m-NNNNN) and writes OUTPUT/_SUCCESS. So
// a lost attempt that goes on writing, or one that ran twice, cannot spoil or double anything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "frameworks/mini-hadoop/tracker/messages.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::hadoop {

class OutputCommitter {
 public:
  OutputCommitter(FileSystem& files, std::string output)
      : files_(files), output_(std::move(output)) {}

  // Fails if the output is there already.
  Status prepare();
  // Goes on with an output that an earlier life of the scheduler has prepared, and perhaps begun to
  // commit.
  void resume() { prepared_ = true; }
  std::string attempt_path(const AttemptId& attempt) const;
  // Where the parts of a stage lie once it is committed; the last stage's are the output.
  std::string stage_path(std::uint32_t stage) const;
  Status commit_stage(std::uint32_t stage, const std::vector<AttemptId>& attempts);
  Status commit_job(const std::vector<AttemptId>& attempts);
  // Leaves nothing of what was written. Does nothing if the output was not ours to prepare.
  void abort();

 private:
  Status move_parts(const std::vector<AttemptId>& attempts, const std::string& to);
  std::string temporary() const { return output_ + "/_temporary"; }

  FileSystem& files_;
  std::string output_;
  bool prepared_ = false;
};

}  // namespace mesolite::hadoop

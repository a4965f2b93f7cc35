#include "frameworks/mini-hadoop/tracker/output_committer.hpp"

namespace mesolite::hadoop {

Status OutputCommitter::prepare() {
  const auto there = files_.exists(output_);
  if (!there) return tl::unexpected(there.error());
  if (*there) return failure("output '" + output_ + "' exists already");
  prepared_ = true;
  return files_.make_directories(temporary());
}

std::string OutputCommitter::attempt_path(const AttemptId& attempt) const {
  return temporary() + "/" + to_text(attempt) + "/" + part_name(attempt.kind, attempt.index);
}

std::string OutputCommitter::stage_path(std::uint32_t stage) const {
  return temporary() + "/stage" + std::to_string(stage) + "-output";
}

Status OutputCommitter::move_parts(const std::vector<AttemptId>& attempts, const std::string& to) {
  for (const AttemptId& attempt : attempts) {
    const std::string part = to + "/" + part_name(attempt.kind, attempt.index);
    auto moved = files_.rename(attempt_path(attempt), part);
    if (moved) continue;
    // Whoever died between two renames has left the first ones done.
    const auto there = files_.exists(part);
    if (!there || !*there) return moved;
  }
  return {};
}

Status OutputCommitter::commit_stage(std::uint32_t stage, const std::vector<AttemptId>& attempts) {
  if (auto made = files_.make_directories(stage_path(stage)); !made) return made;
  return move_parts(attempts, stage_path(stage));
}

Status OutputCommitter::commit_job(const std::vector<AttemptId>& attempts) {
  if (auto moved = move_parts(attempts, output_); !moved) return moved;
  if (auto removed = files_.remove_all(temporary()); !removed) return removed;
  const auto success = files_.create(output_ + "/_SUCCESS");
  if (!success) return tl::unexpected(success.error());
  prepared_ = false;
  return (*success)->close();
}

void OutputCommitter::abort() {
  if (!prepared_) return;
  prepared_ = false;
  // An attempt may still be writing there: what it leaves is not an output, for want of _SUCCESS.
  (void)files_.remove_all(output_);
}

}  // namespace mesolite::hadoop

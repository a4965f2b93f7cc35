// JobJournal: what has happened in a job, so that a scheduler that died can be started again
// without doing over what was done. Appended to by one thread.
//
// A file of entries, each [u32 size][u64 xxh3 of the rest][msgpack], little endian. It survives the
// death of the process, not that of the machine: what a torn or missing end loses is done again.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/tracker/messages.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/data/file.hpp"

namespace mesolite::hadoop {

MESOLITE_ENUM(JournalKind, unknown, registered, stage, started, finished, agent_lost)

struct JournalEntry {
  JournalKind kind = JournalKind::unknown;
  FrameworkId framework_id;   // registered
  std::uint32_t stage = 0;    // stage: that begins; the ones before are committed
  std::vector<Split> splits;  // stage
  std::map<std::string, std::string> parameters;  // stage: as its job has prepared them
  AttemptId attempt;                              // started, finished
  AgentId agent;                                  // started, finished, agent_lost
  TaskReport report;                              // finished
  MESOLITE_FIELDS(kind, framework_id, stage, splits, parameters, attempt, agent, report);
};

class JobJournal {
 public:
  static Result<std::unique_ptr<JobJournal>> create(const std::string& path);
  // Goes on after these entries, of which it writes a fresh file in the place of the old one.
  static Result<std::unique_ptr<JobJournal>> take_up(const std::string& path,
                                                     const std::vector<JournalEntry>& entries);
  // All whole entries; what follows the first damaged one is not looked at.
  static Result<std::vector<JournalEntry>> read(const std::string& path);

  // A failure is kept for status(): a job goes on without its journal.
  void write(const JournalEntry& entry);
  const Status& status() const { return status_; }

 private:
  explicit JobJournal(data::File file) : file_(std::move(file)) {}

  data::File file_;
  Status status_;
};

}  // namespace mesolite::hadoop

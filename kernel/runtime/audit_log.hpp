// AuditLog: who was let do what, and who was not: one line a decision, in a file that is turned
// over when it is large. A line is written when record() returns.
#pragma once

#include <filesystem>
#include <memory>

#include "kernel/authorization/acls.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::runtime {

class AuditLog {
 public:
  // Lines go to `file`, or are only counted if it is empty. Fails when it cannot be written.
  static Result<std::unique_ptr<AuditLog>> open(const std::filesystem::path& file);
  virtual ~AuditLog() = default;

  virtual void record(const authorization::Decision& decision) = 0;  // [any thread]
  virtual std::uint64_t denials() const = 0;                         // [any thread]
};

// --audit_log, else audit.log in --log_dir, else none.
std::filesystem::path audit_file(const std::filesystem::path& audit_log,
                                 const std::filesystem::path& log_dir);

}  // namespace mesolite::runtime

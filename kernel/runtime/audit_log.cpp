#include "kernel/runtime/audit_log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <atomic>

namespace mesolite::runtime {
namespace {

constexpr std::size_t audit_bytes_max = 64u << 20;
constexpr std::size_t audit_files_max = 10;
constexpr const char* audit_pattern = "%Y-%m-%dT%H:%M:%S.%eZ %v";

class FileAuditLog final : public AuditLog {
 public:
  explicit FileAuditLog(const std::filesystem::path& file) {
    if (file.empty()) return;
    logger_ = std::make_unique<spdlog::logger>(
        "audit", std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
                     file.string(), audit_bytes_max, audit_files_max));
    logger_->set_pattern(audit_pattern, spdlog::pattern_time_type::utc);
    logger_->flush_on(spdlog::level::trace);
  }

  void record(const authorization::Decision& decision) override {
    if (!decision.denial.empty()) ++denials_;
    if (!logger_) return;
    const std::string text = authorization::to_text(decision);
    logger_->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
  }

  std::uint64_t denials() const override { return denials_; }

 private:
  std::unique_ptr<spdlog::logger> logger_;
  std::atomic<std::uint64_t> denials_{0};
};

}  // namespace

Result<std::unique_ptr<AuditLog>> AuditLog::open(const std::filesystem::path& file) {
  try {
    return std::make_unique<FileAuditLog>(file);
  } catch (const std::exception& problem) {
    return failure("cannot write the audit log '" + file.string() + "': " + problem.what());
  }
}

std::filesystem::path audit_file(const std::filesystem::path& audit_log,
                                 const std::filesystem::path& log_dir) {
  if (!audit_log.empty()) return audit_log;
  return log_dir.empty() ? std::filesystem::path() : log_dir / "audit.log";
}

}  // namespace mesolite::runtime

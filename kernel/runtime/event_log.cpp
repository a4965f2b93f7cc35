#include "kernel/runtime/event_log.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <cstdint>
#include <vector>

#include "kernel/runtime/worker.hpp"

namespace mesolite::runtime {
namespace {

constexpr std::size_t lines_waiting_max = 8192;
constexpr std::size_t file_bytes_max = 64u << 20;
constexpr std::size_t files_max = 10;
// "2026-11-23T08:15:30.123Z info    agent_lost agent=A17"
constexpr const char* pattern = "%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v";

spdlog::level::level_enum level_of(Severity severity) {
  switch (severity) {
    case Severity::debug:
      return spdlog::level::debug;
    case Severity::info:
      return spdlog::level::info;
    case Severity::warning:
      return spdlog::level::warn;
    case Severity::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

class SpdlogEventLog final : public EventLog {
 public:
  SpdlogEventLog(const EventLogOptions& options, std::vector<spdlog::sink_ptr> sinks)
      : pool_(std::make_shared<spdlog::details::thread_pool>(lines_waiting_max, 1,
                                                             [] { name_this_thread("log"); })),
        logger_(std::make_shared<spdlog::async_logger>(
            options.program, sinks.begin(), sinks.end(), pool_,
            spdlog::async_overflow_policy::overrun_oldest)) {
    logger_->set_pattern(pattern, spdlog::pattern_time_type::utc);
    logger_->set_level(level_of(options.least));
    logger_->flush_on(spdlog::level::info);
  }

  void note(const Event& event) override {
    ++counts_[event.name];
    if (logger_->should_log(level_of(event.severity))) write(event.severity, to_text(event));
  }

  void write(Severity severity, std::string_view text) override {
    logger_->log(level_of(severity), spdlog::string_view_t(text.data(), text.size()));
  }

  void add_counts(std::map<std::string, double>& metrics) const override {
    for (const auto& [name, count] : counts_) {
      metrics["events/" + std::string(name)] = static_cast<double>(count);
    }
  }

 private:
  // Lives as long as the logger that hands its lines to it, and is joined with it.
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
  std::map<std::string_view, std::uint64_t> counts_;  // names of events are literals
};

}  // namespace

Result<std::unique_ptr<EventLog>> EventLog::open(const EventLogOptions& options) {
  std::vector<spdlog::sink_ptr> sinks;
  try {
    if (options.to_stderr) sinks.push_back(std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    if (!options.directory.empty()) {
      const auto file = options.directory / (options.program + ".log");
      sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
          file.string(), file_bytes_max, files_max));
    }
    return std::make_unique<SpdlogEventLog>(options, std::move(sinks));
  } catch (const std::exception& problem) {
    return failure("cannot log to '" + options.directory.string() + "': " + problem.what());
  }
}

Severity severity_named(std::string_view name) {
  if (name == "DEBUG") return Severity::debug;
  if (name == "WARNING") return Severity::warning;
  if (name == "ERROR") return Severity::error;
  return Severity::info;
}

}  // namespace mesolite::runtime

// EventLog: where events become log lines and counts.
//
// Lines are written by a thread of its own. When they come faster than the disk or the terminal
// takes them, the oldest that wait are dropped: a stopped terminal must not stop a cluster.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/event.hpp"

namespace mesolite::runtime {

struct EventLogOptions {
  std::string program;              // "mesos-master": names the file
  Severity least = Severity::info;  // what is less severe is counted only
  bool to_stderr = true;
  std::filesystem::path directory;  // empty: no file
};

class EventLog {
 public:
  // Fails when the directory cannot be written.
  static Result<std::unique_ptr<EventLog>> open(const EventLogOptions& options);
  // Everything noted is written when it returns.
  virtual ~EventLog() = default;

  // A line and a count. [kernel thread]
  virtual void note(const Event& event) = 0;
  // A line alone, for threads other than the kernel's. [any thread]
  virtual void write(Severity severity, std::string_view text) = 0;
  // How often each event was noted: "events/agent_lost" -> 3. [kernel thread]
  virtual void add_counts(std::map<std::string, double>& metrics) const = 0;
};

// "DEBUG", "INFO", "WARNING", "ERROR", as --logging_level takes them; anything else is info.
Severity severity_named(std::string_view name);

}  // namespace mesolite::runtime

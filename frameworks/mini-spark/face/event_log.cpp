#include "frameworks/mini-spark/face/event_log.hpp"

#include <stdexcept>

#include "frameworks/mini-spark/face/json.hpp"

namespace mesolite::spark {

EventLog::EventLog(const std::string& path) {
  if (path.empty()) return;
  file_.open(path, std::ios::trunc);
  if (!file_) throw std::runtime_error("cannot write the event log '" + path + "'");
}

void EventLog::observe(const AppEvent& event) {
  std::string line = to_json(event) + "\n";
  const std::lock_guard lock(mutex_);
  if (file_.is_open()) {
    file_ << line;
    if (event.kind == AppEventKind::job_ended) file_.flush();
  }
  lines_.push_back(std::move(line));
  if (lines_.size() > lines_max) lines_.pop_front();
}

std::string EventLog::text() const {
  std::string all;
  const std::lock_guard lock(mutex_);
  for (const std::string& line : lines_) all += line;
  return all;
}

}  // namespace mesolite::spark

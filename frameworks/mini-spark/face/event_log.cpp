#include "frameworks/mini-spark/face/event_log.hpp"

#include <algorithm>
#include <stdexcept>

#include "frameworks/mini-spark/face/json.hpp"

namespace mesolite::spark {

EventLog::EventLog(const std::string& path, std::size_t kept_max) : kept_max_(kept_max) {
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
  if (lines_.size() <= kept_max_) return;
  lines_.pop_front();
  ++dropped_;
}

std::string EventLog::text(std::uint64_t from) const {
  std::string text;
  const std::lock_guard lock(mutex_);
  if (from < dropped_) {
    text = R"({"kind":"dropped","lines":)" + std::to_string(dropped_ - from) + "}\n";
  }
  for (std::uint64_t i = std::max(from, dropped_) - dropped_; i < lines_.size(); ++i) {
    text += lines_[i];
  }
  return text;
}

}  // namespace mesolite::spark

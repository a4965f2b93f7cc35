// EventLog: what happens in an application, a JSON object a line: in memory for the page, and in a
// file if one was asked for. The file is what the page replays.
#pragma once

#include <cstdint>
#include <deque>
#include <fstream>
#include <mutex>
#include <string>

#include "frameworks/mini-spark/tracker/observer.hpp"

namespace mesolite::spark {

class EventLog final : public Observer {
 public:
  // Lines beyond this are only in the file; the page then says so.
  static constexpr std::size_t lines_max = 100'000;

  // `path` may be empty. Throws std::runtime_error if the file cannot be written.
  explicit EventLog(const std::string& path);

  void observe(const AppEvent& event) override;
  std::string text() const;  // [any thread] all lines that are kept

 private:
  mutable std::mutex mutex_;  // guards all below
  std::deque<std::string> lines_;
  std::ofstream file_;
};

}  // namespace mesolite::spark

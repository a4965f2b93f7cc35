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
  // The oldest beyond this are only in the file.
  static constexpr std::size_t lines_max = 100'000;

  // `path` may be empty. Throws std::runtime_error if the file cannot be written.
  explicit EventLog(const std::string& path, std::size_t kept_max = lines_max);

  void observe(const AppEvent& event) override;
  // All lines that are kept, from the line of that number on. If some before them are not, the
  // first line says how many: {"kind":"dropped","lines":7}. [any thread]
  std::string text(std::uint64_t from = 0) const;

 private:
  const std::size_t kept_max_;
  mutable std::mutex mutex_;  // guards all below
  std::deque<std::string> lines_;
  std::uint64_t dropped_ = 0;  // the number of the first line that is kept
  std::ofstream file_;
};

}  // namespace mesolite::spark

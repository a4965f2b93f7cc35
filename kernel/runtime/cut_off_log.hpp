// CutOffLog: tells the log which connections of the bus were cut off, and why; not of each of
// thousands, so that somebody who knocks at full speed does not write our log full.
#pragma once

#include <cstdint>
#include <string>

#include "kernel/runtime/event_log.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::runtime {

class CutOffLog {
 public:
  explicit CutOffLog(EventLog& log) : log_(log) {}

  void note(Time now, const std::string& address, const std::string& reason);

 private:
  static constexpr std::uint64_t lines_a_second = 10;

  EventLog& log_;
  Time second_began_{};
  std::uint64_t in_this_second_ = 0;
};

}  // namespace mesolite::runtime

// Face: what a person sees of a running job: one line that changes on a terminal, a few lines
// elsewhere, and a table at the end.
//
// Used by the driver's thread while the job runs, by main() afterwards.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "frameworks/mini-hadoop/tracker/job_scheduler.hpp"

namespace mesolite::hadoop {

class Face {
 public:
  enum class Volume { normal, quiet };

  explicit Face(Volume volume);

  void show(const JobView& view);
  void tell(const std::string& what);  // something went wrong and was coped with
  void report(const JobOutcome& outcome, const std::string& output);

 private:
  // How fast the maps read, over the last second or more.
  struct Rate {
    std::uint32_t stage = 0;
    double since = 0;  // seconds since the job began
    double bytes = 0;  // that were read by then
    double bytes_per_s = 0;
    void note(std::uint32_t stage_now, double seconds, double bytes_now);
  };

  double elapsed() const;
  void clear_line();
  std::string line_for(const JobView& view) const;

  const bool quiet_;
  const bool terminal_;
  const std::chrono::steady_clock::time_point begun_;
  Rate rate_;
  bool line_shown_ = false;
  int quarters_shown_ = -1;  // of map and reduce together, where there is no terminal
};

}  // namespace mesolite::hadoop

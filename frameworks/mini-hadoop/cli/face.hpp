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
  void clear_line();
  std::string line_for(const JobView& view) const;

  const bool quiet_;
  const bool terminal_;
  const std::chrono::steady_clock::time_point begun_;
  bool line_shown_ = false;
  int quarters_shown_ = -1;  // of map and reduce together, where there is no terminal
};

}  // namespace mesolite::hadoop

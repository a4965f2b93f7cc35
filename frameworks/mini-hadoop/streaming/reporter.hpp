// Reporter: reads what a streaming command writes to its standard error.
#pragma once

#include <string>
#include <string_view>

#include "frameworks/mini-hadoop/api/counters.hpp"
#include "frameworks/mini-hadoop/engine/job.hpp"

namespace mesolite::hadoop {

class Reporter {
 public:
  // Both outlive it.
  Reporter(Counters& counters, TaskNote& note) : counters_(counters), note_(note) {}

  void take(std::string_view line);
  // The last lines that were neither counters nor status, for the message of a failure.
  std::string tail() const;

 private:
  void count(std::string_view what);

  Counters& counters_;
  TaskNote& note_;
  std::string tail_;
};

}  // namespace mesolite::hadoop

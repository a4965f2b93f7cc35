// Clock: the one place where a process reads the time.
#pragma once

#include "mesolite/base/time.hpp"

namespace mesolite::net {

// The wall clock as it was at construction plus what CLOCK_BOOTTIME has counted since: it never
// jumps, and it goes on while the machine sleeps. [any thread]
class Clock {
 public:
  Clock();
  Time now() const;

 private:
  Duration offset_;
};

}  // namespace mesolite::net

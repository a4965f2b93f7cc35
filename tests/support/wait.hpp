// Waiting for a condition, with a deadline. Tests never sleep for a fixed time.
#pragma once

#include <functional>

#include "mesolite/base/time.hpp"

namespace mesolite::harness {

// Generous: it is only reached when something is broken, on the slowest machine.
inline constexpr Duration patience = 30s;

// Asks until the answer is yes or `timeout` has passed; the last answer.
bool eventually(const std::function<bool()>& condition, Duration timeout = patience);

// A clock for measuring how long something took.
class Stopwatch {
 public:
  Stopwatch();
  Duration elapsed() const;

 private:
  Duration started_;
};

}  // namespace mesolite::harness

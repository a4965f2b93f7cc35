#include "tests/support/wait.hpp"

#include <poll.h>

#include <chrono>

namespace mesolite::harness {
namespace {

constexpr int look_interval_ms = 5;

Duration steady_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace

bool eventually(const std::function<bool()>& condition, Duration timeout) {
  const Stopwatch watch;
  while (!condition()) {
    if (watch.elapsed() > timeout) return condition();
    ::poll(nullptr, 0, look_interval_ms);
  }
  return true;
}

Stopwatch::Stopwatch() : started_(steady_now()) {}

Duration Stopwatch::elapsed() const {
  return steady_now() - started_;
}

}  // namespace mesolite::harness

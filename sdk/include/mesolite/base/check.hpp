// MESOLITE_CHECK: a condition that only a bug of ours can break.
//
// Always on, also in release builds. Never used on data from outside: that is what Result is for.
#pragma once

namespace mesolite {

// Prints `condition`, `expectation` and the place to stderr and aborts.
[[noreturn]] void check_failed(const char* condition, const char* expectation, const char* file,
                               int line) noexcept;

}  // namespace mesolite

#define MESOLITE_CHECK(condition, expectation)                               \
  do {                                                                       \
    if (!(condition)) [[unlikely]] {                                         \
      ::mesolite::check_failed(#condition, expectation, __FILE__, __LINE__); \
    }                                                                        \
  } while (false)

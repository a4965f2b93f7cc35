#include "mesolite/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace mesolite {

void check_failed(const char* condition, const char* expectation, const char* file,
                  int line) noexcept {
  std::fprintf(stderr, "mesolite: this is a bug: expected that %s, but not (%s) at %s:%d\n",
               expectation, condition, file, line);
  std::abort();
}

}  // namespace mesolite

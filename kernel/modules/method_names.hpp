// The names of a kind's methods, by the numbers that stand for them at the border.
#pragma once

#include <cstdint>

#include "mesolite/module/allocator.hpp"
#include "mesolite/module/authenticator.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::modules {

#define MESOLITE_METHOD_NAME(number, method, Request, Response) \
  case number:                                                  \
    return #method;
#define MESOLITE_METHOD_NAMES(Kind, METHODS)                      \
  template <>                                                     \
  constexpr const char* method_name<Kind>(std::uint32_t method) { \
    switch (method) {                                             \
      METHODS(MESOLITE_METHOD_NAME)                               \
      default:                                                    \
        return "unknown";                                         \
    }                                                             \
  }

template <class Kind>
constexpr const char* method_name(std::uint32_t method);

MESOLITE_METHOD_NAMES(Allocator, MESOLITE_ALLOCATOR_METHODS)
MESOLITE_METHOD_NAMES(Isolator, MESOLITE_ISOLATOR_METHODS)
MESOLITE_METHOD_NAMES(Authenticator, MESOLITE_AUTHENTICATOR_METHODS)

#undef MESOLITE_METHOD_NAMES
#undef MESOLITE_METHOD_NAME

}  // namespace mesolite::modules

// The versions that peers compare.
#pragma once

#include <cstdint>
#include <string_view>

namespace mesolite {

// Of the software; dotted integers only, since tools parse it.
inline constexpr std::string_view version = "0.1.0";

// Of the frame and message layout. Grows only when an older peer could not understand a frame at
// all; new messages and appended fields need no new number.
inline constexpr std::uint8_t protocol_version = 1;

}  // namespace mesolite

// How stories write values down for a stage to read. What is written wrongly ends the test: a story
// is ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/protocol/messages.hpp"

namespace mesolite::testing {

using Words = std::vector<std::string>;
using Lines = std::vector<std::string>;

std::uint64_t number(std::string_view text);
Duration duration(std::string_view text);
TaskState task_state(std::string_view name);
// "key=value"; an empty value if there is no "=".
std::pair<std::string, std::string> key_value(const std::string& word);
// "a,b"
std::vector<std::string> listed(std::string_view text);

}  // namespace mesolite::testing

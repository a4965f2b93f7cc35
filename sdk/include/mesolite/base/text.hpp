// Small helpers on text that several parts need.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mesolite {

// Views into `text`; an empty text gives one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);  // blanks, tabs, CR and LF at both ends
std::string lower(std::string_view text);      // ASCII only
std::string number_text(double number);        // the shortest that reads back the same: "2", "0.1"

// The candidate with the smallest edit distance to `name`, or "" if none is near enough to be meant
// (more than a third of its letters differ).
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace mesolite

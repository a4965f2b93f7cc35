#include "tests/stories/words.hpp"

#include <charconv>

#include "mesolite/base/check.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::testing {

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  MESOLITE_CHECK(error == std::errc{} && end == text.data() + text.size(),
                 "a story writes numbers down correctly");
  return value;
}

Duration duration(std::string_view text) {
  const Result<Duration> parsed = parse_duration(text);
  MESOLITE_CHECK(parsed.has_value(), "a story writes durations down correctly");
  return *parsed;
}

TaskState task_state(std::string_view name) {
  for (std::size_t i = 0; i < enum_count<TaskState>(); ++i) {
    if (to_text(static_cast<TaskState>(i)) == name) return static_cast<TaskState>(i);
  }
  MESOLITE_CHECK(false, "a story names states that exist");
}

std::pair<std::string, std::string> key_value(const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) return {word, ""};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> items;
  for (const std::string_view item : split(text, ',')) items.emplace_back(item);
  return items;
}

}  // namespace mesolite::testing

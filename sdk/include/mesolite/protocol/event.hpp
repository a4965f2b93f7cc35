// Event: what a pure machine has to say to people. One structured event becomes a log line, a
// metric and a test assertion: `agent_lost agent=A17 missed=5 last_seen=12.4s`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mesolite {

enum class Severity : std::uint8_t {
  debug,    // the rest
  info,     // membership and leadership
  warning,  // we coped
  error,    // someone must act
};

struct Event {
  Severity severity = Severity::debug;
  std::string_view name;  // a literal: snake_case, also the metric's name
  std::vector<std::pair<std::string_view, std::string>> fields;  // keys are literals

  friend bool operator==(const Event&, const Event&) = default;
};

// "agent_lost agent=A17 missed=5"; values with blanks are quoted.
std::string to_text(const Event& event);

}  // namespace mesolite

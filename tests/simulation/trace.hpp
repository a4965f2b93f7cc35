// Trace: the last things that happened in a run, for people. Written only when a run is repeated to
// see why it failed: words cost more than all the rest.
#pragma once

#include <cstdio>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "mesolite/protocol/event.hpp"
#include "mesolite/protocol/messages.hpp"
#include "tests/simulation/timeline.hpp"
#include "tests/stories/print.hpp"

namespace mesolite::simulation {

class Trace {
 public:
  // Keeps the newest `lines_max` lines in which `about` occurs; 0: writes nothing down.
  explicit Trace(std::size_t lines_max, std::string about = "")
      : lines_max_(lines_max), about_(std::move(about)) {}

  bool wanted() const { return lines_max_ > 0; }

  void message(Time now, std::string_view from, std::string_view to, const Message& message) {
    const bool idle =
        std::holds_alternative<Ping>(message) || std::holds_alternative<Pong>(message);
    if (!wanted() || idle) return;
    add(now, std::string(from) + " -> " + std::string(to) + ": " + printer_.message(message));
  }
  void event(Time now, std::string_view who, const Event& event) {
    if (wanted()) add(now, std::string(who) + " ! " + to_text(event));
  }
  void torment(Time now, std::string_view what) {
    if (wanted()) add(now, "* " + std::string(what));
  }

  void print(std::FILE* out) const {
    for (const std::string& line : lines_) std::fprintf(out, "%s\n", line.c_str());
  }

 private:
  void add(Time now, std::string what) {
    if (what.find(about_) == std::string::npos) return;
    constexpr std::size_t line_bytes_max = 600;
    if (what.size() > line_bytes_max) what = what.substr(0, line_bytes_max) + " …";
    char moment[32];
    std::snprintf(moment, sizeof(moment), "%12.6f ", to_seconds(now - simulation_start));
    lines_.push_back(moment + what);
    if (lines_.size() > lines_max_) lines_.pop_front();
  }

  const std::size_t lines_max_;
  const std::string about_;
  const testing::Printer printer_{simulation_start};
  std::deque<std::string> lines_;
};

}  // namespace mesolite::simulation

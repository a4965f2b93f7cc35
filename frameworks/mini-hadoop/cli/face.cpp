#include "frameworks/mini-hadoop/cli/face.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace mesolite::hadoop {
namespace {

template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

constexpr double rate_interval_s = 1;

// Rounded down: 100 % means that all is done.
int percent(double share) {
  return static_cast<int>(std::floor(share * 100));
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace

Face::Face(Volume volume)
    : quiet_(volume == Volume::quiet),
      terminal_(isatty(STDERR_FILENO) == 1),
      begun_(std::chrono::steady_clock::now()) {}

void Face::Rate::note(std::uint32_t stage_now, double seconds, double bytes_now) {
  if (stage_now != stage || bytes_now < bytes) *this = {stage_now, seconds, bytes_now, 0};
  if (seconds - since < rate_interval_s) return;
  bytes_per_s = (bytes_now - bytes) / (seconds - since);
  since = seconds;
  bytes = bytes_now;
}

double Face::elapsed() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
}

std::string Face::line_for(const JobView& view) const {
  const double seconds = elapsed();
  std::string line;
  if (view.stages > 1) line = format("stage %u of %u  ", view.stage + 1, view.stages);
  line += format("map %3d %%  reduce %3d %%", percent(view.progress.map_share),
                 percent(view.progress.reduce_share));
  if (view.waiting_for_offers) {
    line += "  waiting for resources";
  } else {
    line += format("  %u running on %zu agents", view.progress.running, view.agents);
  }
  if (rate_.bytes_per_s > 0) line += format("  %.1f MB/s", rate_.bytes_per_s / 1e6);
  line += format("  %.1f s", seconds);
  const double share = (view.stage + (view.progress.map_share + view.progress.reduce_share) / 2) /
                       std::max(1U, view.stages);
  const double left = seconds * (1 - share) / std::max(share, 0.01);
  if (share > 0.05 && share < 1) line += format(", about %.0f s left", left);
  return view.note.empty() ? line : line + "  " + view.note;
}

void Face::show(const JobView& view) {
  if (quiet_) return;
  rate_.note(view.stage, elapsed(),
             view.progress.map_share * static_cast<double>(view.input_bytes));
  const double share = view.progress.map_share + view.progress.reduce_share;
  const int quarters = static_cast<int>(4 * view.stage * 2 + std::floor(share * 4));
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", line_for(view).c_str());
    line_shown_ = true;
  } else if (quarters > quarters_shown_) {
    std::fprintf(stderr, "%s\n", line_for(view).c_str());
    quarters_shown_ = quarters;
  }
  std::fflush(stderr);
}

void Face::clear_line() {
  if (line_shown_) std::fputs("\r\033[K", stderr);
  line_shown_ = false;
}

void Face::tell(const std::string& what) {
  if (quiet_) return;
  clear_line();
  std::fprintf(stderr, "mini-hadoop: %s\n", what.c_str());
}

void Face::report(const JobOutcome& outcome, const std::string& output) {
  if (line_shown_) std::fputc('\n', stderr);
  line_shown_ = false;
  if (!outcome.succeeded) {
    std::fprintf(stderr, "mini-hadoop: %s\n", outcome.error.c_str());
    return;
  }
  if (quiet_) return;
  std::printf("counters\n");
  for (const auto& [name, value] : outcome.counters) {
    std::printf("  %-24s %18s\n", name.c_str(), grouped(value).c_str());
  }
  std::printf("tasks\n  %u maps, %u reduces, %s attempts\n", outcome.maps, outcome.reduces,
              grouped(outcome.attempts).c_str());
  const PhaseTimes& times = outcome.times;
  std::printf("time\n  start %.2f s, map %.2f s, reduce %.2f s, in all %.2f s\n",
              to_seconds(times.startup), to_seconds(times.maps), to_seconds(times.reduces),
              to_seconds(times.total));
  std::printf("output\n  %s\n", output.c_str());
}

}  // namespace mesolite::hadoop

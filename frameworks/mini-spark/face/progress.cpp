#include "frameworks/mini-spark/face/progress.hpp"

#include <sys/ioctl.h>

#include <algorithm>

namespace mesolite::spark {
namespace {

constexpr Duration interval = 100ms;
constexpr Duration silence = 500ms;  // what is over sooner needs no bar
constexpr std::size_t bar_width = 24;

std::size_t columns(std::FILE* out) {
  winsize size{};
  const bool known = ::ioctl(::fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col : 80;
}

}  // namespace

void ProgressBar::observe(const AppEvent& event) {
  take(event);
  const bool any = std::any_of(stages_.begin(), stages_.end(),
                               [](const auto& entry) { return entry.second.runs; });
  if (!any) {
    clear();
    started_ = Time{};
    return;
  }
  if (started_ == Time{}) started_ = event.time;
  if (event.time - started_ < silence || event.time - shown_ < interval) return;
  shown_ = event.time;
  std::string text = line();
  text.resize(std::min(text.size(), columns(out_) - 1));  // a second line could not be rewritten
  std::fprintf(out_, "\r%s%*s", text.c_str(),
               static_cast<int>(width_ > text.size() ? width_ - text.size() : 0), "");
  std::fflush(out_);
  width_ = text.size();
}

void ProgressBar::take(const AppEvent& event) {
  switch (event.kind) {
    case AppEventKind::job_started:
      for (const StageShape& shape : event.stages) {
        stages_[shape.stage] = {shape.name, shape.tasks, 0, 0, false};
      }
      break;
    case AppEventKind::stage_started:
      stages_[event.stage].runs = true;
      break;
    case AppEventKind::stage_ended:
      stages_[event.stage].runs = false;
      break;
    case AppEventKind::task_started:
      ++stages_[event.stage].running;
      break;
    case AppEventKind::task_ended: {
      Stage& stage = stages_[event.stage];
      if (stage.running > 0) --stage.running;
      if (event.reason.empty()) ++stage.done;
      break;
    }
    case AppEventKind::job_ended:
      std::erase_if(stages_, [](const auto& entry) { return !entry.second.runs; });
      break;
    default:
      break;
  }
}

std::string ProgressBar::line() const {
  std::string text;
  for (const auto& [id, stage] : stages_) {
    if (!stage.runs) continue;
    const std::uint32_t tasks = std::max(stage.tasks, 1U);
    const std::size_t filled = std::min(bar_width, bar_width * stage.done / tasks);
    std::string bar(filled, '=');
    if (filled < bar_width) bar += '>';
    bar.resize(bar_width, ' ');
    text += (text.empty() ? "" : "  ") + ("stage " + std::to_string(id)) + " (" + stage.name +
            ") [" + bar + "] " + std::to_string(stage.done) + "/" + std::to_string(stage.tasks);
    if (stage.running > 0) text += " +" + std::to_string(stage.running);
  }
  return text;
}

void ProgressBar::clear() {
  if (width_ == 0) return;
  std::fprintf(out_, "\r%*s\r", static_cast<int>(width_), "");
  std::fflush(out_);
  width_ = 0;
}

}  // namespace mesolite::spark

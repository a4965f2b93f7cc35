#include "frameworks/mini-hadoop/worker/live_feed.hpp"

#include <utility>

namespace mesolite::hadoop {

LiveFeed::LiveFeed(AttemptId reduce, std::uint32_t maps, ReportLost report_lost)
    : reduce_(reduce), report_lost_(std::move(report_lost)), maps_(maps) {}

void LiveFeed::add(const std::vector<MapOutputInfo>& outputs) {
  std::vector<std::pair<MapOutputInfo, std::string>> lost_again;
  {
    const std::lock_guard lock(mutex_);
    for (const MapOutputInfo& output : outputs) {
      if (output.map >= maps_.size()) continue;
      Map& map = maps_[output.map];
      if (map.known) {
        replace_older(output);
        continue;
      }
      if (map.lost_attempt && output.attempt <= *map.lost_attempt) {
        // The scheduler has not heard of it: framework messages may get lost.
        lost_again.emplace_back(output, map.lost_reason);
        continue;
      }
      map.known = true;
      ++known_;
      ready_.push_back(output);
    }
  }
  changed_.notify_one();
  for (const auto& [output, reason] : lost_again) report_lost_(output.map, output.attempt, reason);
}

void LiveFeed::replace_older(const MapOutputInfo& output) {
  if (output.attempt == 0) return;  // nothing is older
  for (MapOutputInfo& waiting : ready_) {
    if (waiting.map == output.map && waiting.attempt < output.attempt) waiting = output;
  }
}

std::uint32_t LiveFeed::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

std::optional<MapOutputRef> LiveFeed::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [this] { return !ready_.empty(); })) return std::nullopt;
  const MapOutputInfo output = std::move(ready_.front());
  ready_.pop_front();
  const AttemptId map{reduce_.stage, TaskKind::map, output.map, output.attempt};
  return MapOutputRef{output.map,    output.attempt, output.host, block_name(map, reduce_.index),
                      output.length, output.records};
}

void LiveFeed::report_lost(const MapOutputRef& output, const data::FetchError& error) {
  const std::string reason = error.message();
  {
    const std::lock_guard lock(mutex_);
    maps_[output.map] = {.known = false, .lost_attempt = output.attempt, .lost_reason = reason};
    --known_;
  }
  report_lost_(output.map, output.attempt, reason);
}

}  // namespace mesolite::hadoop

// LiveFeed: what a running reduce knows about the outputs of the maps, fed by the driver's thread.
//
// A mutex guards it: two threads meet here, the task that takes outputs and the driver that brings
// them, and the task sleeps until there is one.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/engine/shuffle.hpp"
#include "frameworks/mini-hadoop/tracker/messages.hpp"

namespace mesolite::hadoop {

class LiveFeed final : public MapOutputFeed {
 public:
  // Tells the scheduler that an output is lost; called on either thread.
  using ReportLost =
      std::function<void(std::uint32_t map, std::uint32_t attempt, const std::string& reason)>;

  LiveFeed(AttemptId reduce, std::uint32_t maps, ReportLost report_lost);

  // [driver thread] Takes what is new; says again that an output is lost if it is offered again.
  void add(const std::vector<MapOutputInfo>& outputs);
  // [any thread] Of how many maps an output is known that is not lost.
  std::uint32_t known() const;

  std::optional<MapOutputRef> next(const std::stop_token& stop) override;
  void report_lost(const MapOutputRef& output, const data::FetchError& error) override;

 private:
  struct Map {
    bool known = false;
    std::optional<std::uint32_t> lost_attempt;  // the newest that could not be fetched
    std::string lost_reason;
  };

  // A newer output in the place of one that was not taken yet: that one must have been lost.
  void replace_older(const MapOutputInfo& output);

  const AttemptId reduce_;
  const ReportLost report_lost_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::vector<Map> maps_;
  std::uint32_t known_ = 0;
  std::deque<MapOutputInfo> ready_;
};

}  // namespace mesolite::hadoop

// Rates: how fast schedulers may speak, by principal, so that one of them cannot keep the master
// from the others. What comes faster waits for its turn, in order; who has more waiting than its
// capacity is told, and its connection ends (as in Mesos, whose option this is).
//
// Pongs are not counted: a master that is slow on purpose must not take its peers for dead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/base/ids.hpp"
#include "mesolite/base/time.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::master {

struct RateLimit {
  double messages_per_second = 0;  // above 0
  std::size_t capacity = 10'000;   // messages that may wait
};

struct RateLimits {
  // Principals with a limit of their own, or with none.
  std::map<std::string, std::optional<RateLimit>> principals;
  // Of all others together, who may also have no principal.
  std::optional<RateLimit> others;
};

// How far behind its rate a principal may have been and still catch up in one go.
inline constexpr Duration rate_slack = 100ms;

// The messages of those who share one limit: a token bucket, kept as the time of the next token.
class Meter {
 public:
  struct Waiting {
    PeerId peer;
    Message message;
  };

  explicit Meter(const RateLimit& limit);

  std::size_t capacity() const { return capacity_; }
  bool full() const { return waiting_.size() >= capacity_; }
  // Whether a message may go now; if so, it has gone.
  bool pass(Time now);
  void wait(Waiting message) { waiting_.push_back(std::move(message)); }
  // The next that may go now.
  std::optional<Waiting> take(Time now);
  // When the first that waits may go.
  std::optional<Time> next() const;
  void forget(PeerId peer);

 private:
  Duration interval_;
  std::size_t capacity_;
  Time next_token_{};
  std::deque<Waiting> waiting_;  // at most capacity_
};

class Rates {
 public:
  explicit Rates(const RateLimits& limits);

  // Null for whom there is no limit.
  Meter* of(const std::string& principal);
  // REQUIRES: that of one of them.
  Meter& at(std::uint64_t number) { return meters_.at(number); }
  const Meter& at(std::uint64_t number) const { return meters_.at(number); }
  std::uint64_t number_of(const Meter& meter) const;
  void forget(PeerId peer);

 private:
  std::vector<Meter> meters_;
  std::map<std::string, std::optional<std::size_t>> by_principal_;  // into meters_
  std::optional<std::size_t> others_;
};

}  // namespace mesolite::master

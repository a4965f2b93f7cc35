#include "kernel/master/rates.hpp"

#include <algorithm>
#include <utility>

namespace mesolite::master {

Meter::Meter(const RateLimit& limit)
    : interval_(static_cast<std::int64_t>(static_cast<double>(Duration(1s).count()) /
                                          limit.messages_per_second)),
      capacity_(limit.capacity) {}

bool Meter::pass(Time now) {
  if (!waiting_.empty() || next_token_ > now) return false;
  next_token_ = std::max(next_token_, now - rate_slack) + interval_;
  return true;
}

std::optional<Meter::Waiting> Meter::take(Time now) {
  if (waiting_.empty() || next_token_ > now) return std::nullopt;
  next_token_ = std::max(next_token_, now - rate_slack) + interval_;
  std::optional<Waiting> first = std::move(waiting_.front());
  waiting_.pop_front();
  return first;
}

std::optional<Time> Meter::next() const {
  if (waiting_.empty()) return std::nullopt;
  return next_token_;
}

void Meter::forget(PeerId peer) {
  std::erase_if(waiting_, [peer](const Waiting& message) { return message.peer == peer; });
}

Rates::Rates(const RateLimits& limits) {
  for (const auto& [principal, limit] : limits.principals) {
    std::optional<std::size_t>& index = by_principal_[principal];
    if (!limit) continue;
    index = meters_.size();
    meters_.emplace_back(*limit);
  }
  if (!limits.others) return;
  others_ = meters_.size();
  meters_.emplace_back(*limits.others);
}

Meter* Rates::of(const std::string& principal) {
  const auto found = by_principal_.find(principal);
  const auto& index = found == by_principal_.end() ? others_ : found->second;
  return index ? &meters_[*index] : nullptr;
}

std::uint64_t Rates::number_of(const Meter& meter) const {
  return static_cast<std::uint64_t>(&meter - meters_.data());
}

void Rates::forget(PeerId peer) {
  for (Meter& meter : meters_) meter.forget(peer);
}

}  // namespace mesolite::master

#include "mesolite/data/merge.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <utility>

namespace mesolite::data {
namespace {

constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();

}  // namespace

std::uint64_t key_prefix(std::string_view key) {
  std::uint64_t prefix = 0;
  if (key.size() >= sizeof prefix) {
    std::memcpy(&prefix, key.data(), sizeof prefix);
  } else {
    key.copy(reinterpret_cast<char*>(&prefix), key.size());
  }
  if constexpr (std::endian::native == std::endian::little) prefix = __builtin_bswap64(prefix);
  return prefix;
}

Merger::Merger(std::vector<std::unique_ptr<RunReader>> runs, KeyComparison comparison)
    : runs_(std::move(runs)),
      comparison_(comparison),
      prefixes_(runs_.size(), 0),
      exhausted_(runs_.size(), 0),
      losers_(runs_.size(), nobody) {}

Result<bool> Merger::next() {
  if (runs_.empty()) return false;
  const Status moved = started_ ? advance(winner_) : start();
  if (!moved) {
    runs_.clear();
    return tl::unexpected(moved.error());
  }
  if (started_) replay(winner_);
  started_ = true;
  return exhausted_[winner_] == 0;
}

Status Merger::start() {
  for (std::uint32_t run = 0; run < runs_.size(); ++run) {
    if (auto moved = advance(run); !moved) return moved;
  }
  // Each run climbs until it meets an empty node and waits there for its opponent; the last one
  // finds them all taken and reaches the top.
  for (std::uint32_t run = 0; run < runs_.size(); ++run) replay(run);
  return {};
}

Status Merger::advance(std::uint32_t run) {
  const auto more = runs_[run]->next();
  if (!more) return tl::unexpected(more.error());
  exhausted_[run] = *more ? 0 : 1;
  if (*more && comparison_ == nullptr) prefixes_[run] = key_prefix(runs_[run]->key());
  return {};
}

bool Merger::before(std::uint32_t left, std::uint32_t right) const {
  if (exhausted_[left] != exhausted_[right]) return exhausted_[right] != 0;
  if (exhausted_[left] != 0) return left < right;
  if (comparison_ == nullptr && prefixes_[left] != prefixes_[right]) {
    return prefixes_[left] < prefixes_[right];
  }
  const std::string_view left_key = runs_[left]->key();
  const std::string_view right_key = runs_[right]->key();
  const int order =
      comparison_ != nullptr ? comparison_(left_key, right_key) : left_key.compare(right_key);
  return order != 0 ? order < 0 : left < right;
}

void Merger::replay(std::uint32_t run) {
  std::uint32_t climber = run;
  auto node = static_cast<std::uint32_t>((runs_.size() + run) / 2);
  for (; node > 0; node /= 2) {
    if (losers_[node] == nobody) {
      losers_[node] = climber;
      return;
    }
    if (before(losers_[node], climber)) std::swap(losers_[node], climber);
  }
  winner_ = climber;
}

}  // namespace mesolite::data

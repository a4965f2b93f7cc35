// GivenIds: the ids that this master gives out, "<prefix>17", counting up from 1.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mesolite::master {

class GivenIds {
 public:
  explicit GivenIds(std::string prefix) : prefix_(std::move(prefix)) {}

  std::string give() { return prefix_ + std::to_string(next_++); }
  // Whether this run gave it: what it does not name any more is over. An id of an earlier run may
  // name something that has yet to come back.
  bool gave(std::string_view id) const {
    const std::optional<std::uint64_t> number = number_of(id);
    return number && *number < next_;
  }
  // Somebody came with this id; it is not given to anybody else.
  void seen(std::string_view id) {
    const std::optional<std::uint64_t> number = number_of(id);
    if (number) next_ = std::max(next_, *number + 1);
  }

 private:
  // Far below the largest number: a liar cannot make the count wrap.
  static constexpr std::size_t digits_max = 15;

  std::optional<std::uint64_t> number_of(std::string_view id) const {
    if (!id.starts_with(prefix_) || id.size() > prefix_.size() + digits_max) return std::nullopt;
    id.remove_prefix(prefix_.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error != std::errc{} || end != id.data() + id.size()) return std::nullopt;
    return number;
  }

  std::string prefix_;
  std::uint64_t next_ = 1;
};

// Whether `id` was given by any master of the cluster: "c-F3", "c.2-F3" with `letter` F.
inline bool given_in_cluster(std::string_view id, std::string_view cluster, char letter) {
  const auto skip_digits = [&id] {
    const std::size_t before = id.size();
    while (!id.empty() && id.front() >= '0' && id.front() <= '9') id.remove_prefix(1);
    return id.size() < before;
  };
  if (!id.starts_with(cluster)) return false;
  id.remove_prefix(cluster.size());
  if (id.starts_with('.')) {
    id.remove_prefix(1);
    if (!skip_digits()) return false;
  }
  const char marks[] = {'-', letter};
  if (!id.starts_with(std::string_view(marks, 2))) return false;
  id.remove_prefix(2);
  return skip_digits() && id.empty();
}

}  // namespace mesolite::master

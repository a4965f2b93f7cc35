#include "mesolite/base/ranges.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "mesolite/base/text.hpp"

namespace mesolite {
namespace {

constexpr std::uint64_t number_max = std::numeric_limits<std::uint64_t>::max();

// Sorts and merges overlapping and adjacent ranges.
void normalise(std::vector<Range>& ranges) {
  std::erase_if(ranges, [](const Range& range) { return range.end < range.begin; });
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
  std::size_t last = 0;
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    Range& merged = ranges[last];
    if (merged.end == number_max || ranges[i].begin <= merged.end + 1) {
      merged.end = std::max(merged.end, ranges[i].end);
    } else {
      ranges[++last] = ranges[i];
    }
  }
  if (!ranges.empty()) ranges.resize(last + 1);
}

Result<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) {
    return failure("expected a whole number in a range, got '" + std::string(text) + "'");
  }
  return value;
}

Result<Range> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto begin = parse_number(trim(text.substr(0, dash)));
  if (!begin) return tl::unexpected(begin.error());
  if (dash == std::string_view::npos) return Range{*begin, *begin};
  const auto end = parse_number(trim(text.substr(dash + 1)));
  if (!end) return tl::unexpected(end.error());
  if (*end < *begin) {
    return failure("range '" + std::string(text) + "' ends before it begins");
  }
  return Range{*begin, *end};
}

}  // namespace

Ranges::Ranges(std::vector<Range> ranges) : ranges_(std::move(ranges)) {
  normalise(ranges_);
}

Result<Ranges> Ranges::parse(std::string_view text) {
  text = trim(text);
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return failure("expected ranges such as [1-3, 7-7], got '" + std::string(text) + "'");
  }
  const std::string_view inside = trim(text.substr(1, text.size() - 2));
  if (inside.empty()) return Ranges();
  std::vector<Range> ranges;
  for (const std::string_view part : split(inside, ',')) {
    const auto range = parse_range(trim(part));
    if (!range) return tl::unexpected(range.error());
    ranges.push_back(*range);
  }
  return Ranges(std::move(ranges));
}

std::string Ranges::to_text() const {
  std::string text = "[";
  for (const Range& range : ranges_) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(range.begin) + "-" + std::to_string(range.end);
  }
  return text + "]";
}

std::uint64_t Ranges::count() const {
  std::uint64_t total = 0;
  for (const Range& range : ranges_) total += range.end - range.begin + 1;
  return total;
}

bool Ranges::contains(const Ranges& other) const {
  auto mine = ranges_.begin();
  for (const Range& wanted : other.ranges_) {
    while (mine != ranges_.end() && mine->end < wanted.begin) ++mine;
    if (mine == ranges_.end() || mine->begin > wanted.begin || mine->end < wanted.end) return false;
  }
  return true;
}

Ranges& Ranges::operator+=(const Ranges& other) {
  if (other.ranges_.empty()) return *this;
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
  normalise(ranges_);
  return *this;
}

Ranges& Ranges::operator-=(const Ranges& other) {
  std::vector<Range> left;
  auto cut = other.ranges_.begin();
  for (Range range : ranges_) {
    while (cut != other.ranges_.end() && cut->end < range.begin) ++cut;
    bool used_up = false;
    for (auto c = cut; !used_up && c != other.ranges_.end() && c->begin <= range.end; ++c) {
      if (c->begin > range.begin) left.push_back({range.begin, c->begin - 1});
      used_up = c->end >= range.end;
      if (!used_up) range.begin = c->end + 1;
    }
    if (!used_up) left.push_back(range);
  }
  ranges_ = std::move(left);
  return *this;
}

}  // namespace mesolite

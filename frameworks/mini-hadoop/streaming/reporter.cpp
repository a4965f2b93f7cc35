#include "frameworks/mini-hadoop/streaming/reporter.hpp"

#include <charconv>
#include <cstdio>

namespace mesolite::hadoop {
namespace {

constexpr std::size_t tail_max = 2000;
constexpr std::string_view counter_mark = "reporter:counter:";
constexpr std::string_view status_mark = "reporter:status:";

}  // namespace

void Reporter::take(std::string_view line) {
  if (line.starts_with(counter_mark)) return count(line.substr(counter_mark.size()));
  if (line.starts_with(status_mark)) return note_.set(line.substr(status_mark.size()));
  tail_.append(line).push_back('\n');
  if (tail_.size() > 2 * tail_max) tail_.erase(0, tail_.size() - tail_max);
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

// "GROUP,NAME,AMOUNT"; what is not of that form is ignored, as in Hadoop.
void Reporter::count(std::string_view what) {
  const std::size_t last = what.rfind(',');
  const std::size_t first = what.find(',');
  if (first == std::string_view::npos || first == last) return;
  std::uint64_t amount = 0;
  const std::string_view digits = what.substr(last + 1);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
  if (parsed.ec != std::errc{}) return;
  counters_.add(std::string(what.substr(0, first)) + ": " +
                    std::string(what.substr(first + 1, last - first - 1)),
                amount);
}

std::string Reporter::tail() const {
  const std::size_t begin = tail_.size() > tail_max ? tail_.size() - tail_max : 0;
  std::string tail = tail_.substr(begin);
  while (tail.ends_with('\n')) tail.pop_back();
  return tail;
}

}  // namespace mesolite::hadoop

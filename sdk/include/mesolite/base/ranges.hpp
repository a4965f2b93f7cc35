// Ranges: a set of whole numbers kept as sorted, disjoint, non-adjacent closed intervals, as port
// resources use them: [31000-31005, 31010-32000].
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite {

struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // inclusive; begin <= end

  friend bool operator==(const Range&, const Range&) = default;
};

class Ranges {
 public:
  Ranges() = default;
  // Sorts and merges; ranges whose end lies before their begin are dropped.
  explicit Ranges(std::vector<Range> ranges);

  // Reads "[1-3, 7-7]"; brackets required, "7" stands for "7-7". Fails on anything else.
  static Result<Ranges> parse(std::string_view text);
  // "[1-3, 7-7]": both ends always, as readers of Mesos' JSON expect.
  std::string to_text() const;

  const std::vector<Range>& intervals() const { return ranges_; }
  bool empty() const { return ranges_.empty(); }
  std::uint64_t count() const;  // of numbers, not of intervals
  bool contains(const Ranges& other) const;

  Ranges& operator+=(const Ranges& other);  // union
  Ranges& operator-=(const Ranges& other);  // difference
  friend bool operator==(const Ranges&, const Ranges&) = default;

 private:
  std::vector<Range> ranges_;
};

}  // namespace mesolite

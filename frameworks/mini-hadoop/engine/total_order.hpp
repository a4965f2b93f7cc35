// TotalOrder: partitions that are ranges of keys, so that the parts of the output, one after the
// other, are sorted. The scheduler samples the input and finds the keys at which ranges begin; they
// travel to the tasks as a parameter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "frameworks/mini-hadoop/api/classes.hpp"
#include "frameworks/mini-hadoop/input/splits.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/data/merge.hpp"

namespace mesolite::hadoop {

class TotalOrder {
 public:
  // As chosen by cut_points(); without the parameter there is one range.
  static Result<TotalOrder> of(const Parameters& parameters, data::KeyComparison comparison);

  std::uint32_t partition(std::string_view key) const;

 private:
  bool before(std::string_view key, std::uint64_t prefix, std::size_t cut) const;

  data::KeyComparison comparison_ = nullptr;
  std::vector<std::string> cuts_;  // range n + 1 begins with cut n
  std::vector<std::uint64_t> prefixes_;
};

inline constexpr std::string_view cut_points_parameter = "total order cut points";

// The value of the parameter for so many ranges of about equal size. `sample`: keys in any order.
std::string cut_points(std::vector<std::string> sample, std::uint32_t ranges,
                       data::KeyComparison comparison);

// Where to look into the input: small pieces spread evenly over it.
std::vector<Piece> sample_pieces(const std::vector<Split>& splits);

}  // namespace mesolite::hadoop

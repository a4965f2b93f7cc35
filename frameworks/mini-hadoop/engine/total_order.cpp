#include "frameworks/mini-hadoop/engine/total_order.hpp"

#include <algorithm>
#include <utility>

namespace mesolite::hadoop {
namespace {

constexpr std::size_t sample_pieces_max = 16;
constexpr std::uint64_t sample_piece_size = std::uint64_t{64} << 10;

constexpr char hex_digits[] = "0123456789abcdef";

// Parameters are text, and keys are not: two digits a byte, a blank after each key.
void append_hex(std::string& text, std::string_view key) {
  for (const char byte : key) {
    const auto value = static_cast<unsigned char>(byte);
    text += {hex_digits[value >> 4], hex_digits[value & 0xF]};
  }
  text += ' ';
}

Result<std::vector<std::string>> parse_hex(std::string_view text) {
  std::vector<std::string> keys;
  std::string key;
  unsigned nibbles = 0;
  for (const char digit : text) {
    if (digit == ' ') {
      keys.push_back(std::exchange(key, {}));
      continue;
    }
    const auto value = std::string_view(hex_digits).find(digit);
    if (value == std::string_view::npos) return failure("the cut points are no keys");
    if (nibbles++ % 2 == 0) {
      key.push_back(static_cast<char>(value << 4));
    } else {
      key.back() = static_cast<char>(key.back() | static_cast<char>(value));
    }
  }
  return keys;
}

}  // namespace

Result<TotalOrder> TotalOrder::of(const Parameters& parameters, data::KeyComparison comparison) {
  TotalOrder order;
  order.comparison_ = comparison;
  const auto found = parameters.find(std::string(cut_points_parameter));
  if (found == parameters.end()) return order;
  auto cuts = parse_hex(found->second);
  if (!cuts) return tl::unexpected(cuts.error());
  order.cuts_ = std::move(*cuts);
  for (const std::string& cut : order.cuts_) order.prefixes_.push_back(data::key_prefix(cut));
  return order;
}

bool TotalOrder::before(std::string_view key, std::uint64_t prefix, std::size_t cut) const {
  if (comparison_ != nullptr) return comparison_(key, cuts_[cut]) < 0;
  return prefix != prefixes_[cut] ? prefix < prefixes_[cut] : key < cuts_[cut];
}

std::uint32_t TotalOrder::partition(std::string_view key) const {
  const std::uint64_t prefix = comparison_ == nullptr ? data::key_prefix(key) : 0;
  std::size_t first = 0;
  for (std::size_t count = cuts_.size(); count > 0;) {
    const std::size_t half = count / 2;
    const bool left = before(key, prefix, first + half);
    first += left ? 0 : half + 1;
    count = left ? half : count - half - 1;
  }
  return static_cast<std::uint32_t>(first);
}

std::string cut_points(std::vector<std::string> sample, std::uint32_t ranges,
                       data::KeyComparison comparison) {
  std::sort(sample.begin(), sample.end(), [&](const std::string& a, const std::string& b) {
    return comparison != nullptr ? comparison(a, b) < 0 : a < b;
  });
  std::string cuts;
  for (std::uint32_t range = 1; range < ranges && !sample.empty(); ++range) {
    append_hex(cuts, sample[sample.size() * range / ranges]);
  }
  return cuts;
}

std::vector<Piece> sample_pieces(const std::vector<Split>& splits) {
  std::vector<Piece> all;
  for (const Split& split : splits) all.insert(all.end(), split.pieces.begin(), split.pieces.end());
  std::vector<Piece> chosen;
  const std::size_t count = std::min(all.size(), sample_pieces_max);
  for (std::size_t i = 0; i < count; ++i) {
    Piece piece = all[all.size() * i / count];
    piece.length = std::min(piece.length, sample_piece_size);
    chosen.push_back(std::move(piece));
  }
  return chosen;
}

}  // namespace mesolite::hadoop

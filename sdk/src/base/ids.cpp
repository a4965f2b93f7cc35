#include "mesolite/base/ids.hpp"

#include <algorithm>

namespace mesolite {
namespace {

constexpr std::size_t id_bytes_max = 128;

bool allowed(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool digit = c >= '0' && c <= '9';
  return letter || digit || c == '.' || c == '_' || c == ':' || c == '-';
}

}  // namespace

bool valid_id(std::string_view text) {
  if (text.empty() || text.size() > id_bytes_max) return false;
  if (text == "." || text == "..") return false;
  return std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace mesolite

#include "frameworks/mini-spark/ship/mappings.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace mesolite::spark {

Mappings::Mappings() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long first = 0;
    unsigned long last = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx", &first, &last) != 2) continue;
    const std::size_t name = line.find_first_of("/[");
    all_.push_back({first, last, name == std::string::npos ? "the heap" : line.substr(name)});
  }
}

std::optional<std::string> Mappings::pointer_in(std::string_view bytes) const {
  for (std::size_t at = 0; at + sizeof(std::uintptr_t) <= bytes.size();
       at += sizeof(std::uintptr_t)) {
    std::uintptr_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    const auto above = std::upper_bound(
        all_.begin(), all_.end(), word,
        [](std::uintptr_t value, const Mapping& map) { return value < map.first; });
    if (above == all_.begin() || word >= std::prev(above)->last) continue;
    std::array<char, 24> address{};
    std::snprintf(address.data(), address.size(), "%#lx", static_cast<unsigned long>(word));
    return std::string(address.data()) + " in " + std::prev(above)->name;
  }
  return std::nullopt;
}

}  // namespace mesolite::spark

// The executable that runs: where it lies in memory, and which build it is.
#pragma once

#include <cstdint>
#include <string>

#include "mesolite/base/result.hpp"

namespace mesolite::spark {

struct Image {
  std::uintptr_t base = 0;   // 0 for an executable that is not position-independent
  std::uintptr_t first = 0;  // its lowest mapped address
  std::uintptr_t last = 0;   // behind its highest
  std::string build_id;      // hexadecimal; empty if it was linked without

  bool contains(std::uintptr_t address) const { return address >= first && address < last; }
};

// Of this process; found once.
const Image& image();

// What both sides compare at hello: the build id, or without one the hash of the file.
Result<std::string> identity();

// Of the whole file of the executable.
Result<std::string> content_hash();

}  // namespace mesolite::spark

// What of this process's memory is mapped where, to tell pointers from numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mesolite::spark {

class Mappings {
 public:
  Mappings();  // as /proc/self/maps has them now

  // The first aligned word of `bytes` that points into a mapping, as text: "0x7f… in [stack]".
  std::optional<std::string> pointer_in(std::string_view bytes) const;

 private:
  struct Mapping {
    std::uintptr_t first = 0;
    std::uintptr_t last = 0;
    std::string name;
  };
  std::vector<Mapping> all_;  // ascending
};

}  // namespace mesolite::spark

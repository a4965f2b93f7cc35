// Decoder: compressed bytes in, the bytes that they stand for out, one after the other.
//
// A resource, used by one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"

namespace mesolite::hadoop {

enum class Encoding { none, gzip, zstd, lz4 };

// By the end of its name: .gz, .zst, .lz4.
Encoding encoding_of(std::string_view path);

class Decoder {
 public:
  struct Step {
    std::size_t taken = 0;   // of the input
    std::size_t given = 0;   // to the output
    bool at_border = false;  // between two frames (members), where the input may end
  };

  virtual ~Decoder() = default;
  virtual Result<Step> decode(std::string_view input, char* output, std::size_t size) = 0;
};

// REQUIRES: encoding is not none.
std::unique_ptr<Decoder> make_decoder(Encoding encoding);

}  // namespace mesolite::hadoop

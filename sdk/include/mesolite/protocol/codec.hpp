// The wire's msgpack: encode() and decode().
//
// decode() is the border to the outside: it bounds depth and sizes, takes no trailing bytes, never
// throws, and names the field that is wrong: "task.resources.cpus: expected integer, got text".
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/values.hpp"

namespace mesolite {

// What a decoder accepts at most. The defaults hold for every frame, checkpoint and module call.
struct DecodeLimits {
  std::size_t depth_max = 32;
  std::size_t list_max = 1'000'000;
  std::size_t text_bytes_max = 16u << 20;
};

enum class StructForm : std::uint8_t {
  list,  // in declared order: the wire
  map,   // by name: parameters of modules
};

// A msgpack writer that appends to `out`, and a reader over `in` (both outlive it).
std::unique_ptr<Writer> msgpack_writer(std::string& out, StructForm form = StructForm::list);
// A reader that has failed already if `in` is not exactly one well-formed value within limits.
std::unique_ptr<Reader> msgpack_reader(std::string_view in, StructForm form = StructForm::list,
                                       const DecodeLimits& limits = {});

template <class T>
void encode_to(std::string& out, const T& value, StructForm form = StructForm::list) {
  write_value(*msgpack_writer(out, form), value);
}

template <class T>
std::string encode(const T& value, StructForm form = StructForm::list) {
  std::string out;
  encode_to(out, value, form);
  return out;
}

// A fresh value each time: nothing of an earlier message shines through.
template <class T>
Result<T> decode(std::string_view in, StructForm form = StructForm::list) {
  T value{};
  const auto reader = msgpack_reader(in, form);
  if (!reader->failed()) read_value(*reader, value);
  if (reader->failed()) return failure(reader->error());
  return value;
}

}  // namespace mesolite

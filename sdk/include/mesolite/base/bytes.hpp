// Bytes: an owned run of raw bytes, distinct from text so that the codec writes it as binary and
// printers do not print it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace mesolite {

struct Bytes {
  std::string data;

  Bytes() = default;
  explicit Bytes(std::string bytes) : data(std::move(bytes)) {}
  explicit Bytes(std::string_view bytes) : data(bytes) {}
  explicit Bytes(const char* text) : data(text) {}

  std::string_view view() const { return data; }
  std::size_t size() const { return data.size(); }
  bool empty() const { return data.empty(); }

  friend bool operator==(const Bytes&, const Bytes&) = default;
};

}  // namespace mesolite

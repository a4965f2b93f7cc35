// Strongly typed identifiers. A text id names a thing for people, files and the wire; a numeric one
// names it where millions of them pass by. Two ids of different kinds do not compare or convert.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace mesolite {

template <class Tag>
struct TextId {
  std::string value;

  TextId() = default;
  explicit TextId(std::string text) : value(std::move(text)) {}
  explicit TextId(std::string_view text) : value(text) {}
  explicit TextId(const char* text) : value(text) {}

  bool empty() const { return value.empty(); }
  friend auto operator<=>(const TextId&, const TextId&) = default;
};

template <class Tag>
struct NumberId {
  std::uint64_t value = 0;  // 0 names nothing

  bool empty() const { return value == 0; }
  friend auto operator<=>(const NumberId&, const NumberId&) = default;
};

using AgentId = TextId<struct AgentIdTag>;          // "<cluster>-A17", given by the master
using FrameworkId = TextId<struct FrameworkIdTag>;  // "<cluster>-F3", given by the master
using ExecutorId = TextId<struct ExecutorIdTag>;    // chosen by the framework
using TaskId = TextId<struct TaskIdTag>;            // chosen by the framework
using ContainerId = TextId<struct ContainerIdTag>;  // given by the agent
using OfferId = NumberId<struct OfferIdTag>;        // given by the master, never reused in an epoch
using PeerId = NumberId<struct PeerIdTag>;          // one live connection, given by its socket

// Whether an id that came from outside may be used: 1 to 128 of [A-Za-z0-9._:-], and neither "."
// nor "..", since ids become directory names.
bool valid_id(std::string_view text);

}  // namespace mesolite

template <class Tag>
struct std::hash<mesolite::TextId<Tag>> {
  // Not noexcept: libstdc++ then keeps the hash beside the key instead of computing it anew for
  // every neighbour that it passes.
  std::size_t operator()(const mesolite::TextId<Tag>& id) const {
    return std::hash<std::string_view>{}(id.value);
  }
};

template <class Tag>
struct std::hash<mesolite::NumberId<Tag>> {
  std::size_t operator()(const mesolite::NumberId<Tag>& id) const noexcept {
    // Fibonacci hashing: consecutive numbers spread over the table.
    return static_cast<std::size_t>(id.value * 0x9E3779B97F4A7C15ULL);
  }
};

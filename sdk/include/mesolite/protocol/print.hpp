// How values are written down for people: "{id=1 agent_id=c-A1 resources=cpus:4}". Fields that have
// their default value are left out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/protocol/messages.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite {

class Printer {
 public:
  // With `start`, moments are told from there.
  explicit Printer(std::optional<Time> start = {}) : start_(start) {}

  // "Offers offers=[{…}]"
  std::string message(const Message& message) const {
    return std::visit(
        [&](const auto& value) {
          const std::string inside = fields(value);
          return std::string(message_name(message)) + (inside.empty() ? "" : " ") + inside;
        },
        message);
  }

  // "{…}"
  template <Described T>
  std::string object(const T& object) const {
    return value(object);
  }

 private:
  template <Described T>
  std::string fields(const T& object) const {
    std::string text;
    const T fresh{};
    std::vector<std::string> defaults;
    for_each_field(
        fresh, [&](std::string_view, const auto& member) { defaults.push_back(value(member)); });
    std::size_t index = 0;
    for_each_field(object, [&](std::string_view name, const auto& member) {
      const std::string written = value(member);
      // That nothing is known of a task is an answer too.
      const bool always = name == "state";
      if (written == defaults[index++] && !always) return;
      text += (text.empty() ? "" : " ") + std::string(name) + "=" + written;
    });
    return text;
  }

  // The master is the same in every line of a story.
  std::string value(const MasterInfo& info) const { return info.cluster.empty() ? "" : "(master)"; }
  template <Described T>
  std::string value(const T& object) const {
    return "{" + fields(object) + "}";
  }
  template <class T>
  std::string value(const std::vector<T>& items) const {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : " ") + value(item);
    return "[" + text + "]";
  }
  template <class T>
  std::string value(const std::optional<T>& item) const {
    return item ? value(*item) : "none";
  }
  template <class T>
  std::string value(const std::map<std::string, T>& items) const {
    std::string text;
    for (const auto& [key, item] : items) {
      text += (text.empty() ? "" : " ") + key + ":" + value(item);
    }
    return "{" + text + "}";
  }
  template <class Tag>
  std::string value(const TextId<Tag>& id) const {
    return value(id.value);
  }
  template <class Tag>
  std::string value(const NumberId<Tag>& id) const {
    return std::to_string(id.value);
  }
  template <NamedEnum E>
  std::string value(E item) const {
    return std::string(to_text(item));
  }
  template <class N>
  requires std::is_arithmetic_v<N> std::string value(N number)
  const {
    if constexpr (std::is_same_v<N, bool>) return number ? "true" : "false";
    return std::to_string(number);
  }
  std::string value(const std::string& text) const {
    const bool plain = !text.empty() && text.find_first_of(" \"=\n") == std::string::npos;
    if (plain) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
    return quoted + "\"";
  }
  std::string value(const UpdateId& id) const {
    return id.empty() ? "none" : std::to_string(id.sequence);
  }
  std::string value(const Bytes& bytes) const { return value(bytes.data); }
  std::string value(const Resources& resources) const { return resources.to_text(); }
  std::string value(const Attribute& attribute) const {
    return attribute.name + ":" + attribute.value;
  }
  std::string value(Duration duration) const { return to_text(duration); }
  std::string value(Time time) const {
    if (time == Time{}) return "";
    return start_ ? "+" + to_text(time - *start_) : to_text(time);
  }

  const std::optional<Time> start_;
};

}  // namespace mesolite

#include "frameworks/mini-hadoop/tracker/messages.hpp"

#include <array>
#include <charconv>
#include <cstdio>

#include "mesolite/base/text.hpp"

namespace mesolite::hadoop {
namespace {

template <class... Numbers>
std::string format(const char* pattern, Numbers... numbers) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), pattern, numbers...);
  return text.data();
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  if (text.empty() || problem != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

}  // namespace

std::string to_text(const AttemptId& id) {
  const char* const kind = id.kind == TaskKind::map ? "map" : "reduce";
  return format("stage%u-%s-%05u-%u", id.stage, kind, id.index, id.attempt);
}

std::optional<AttemptId> parse_attempt_id(std::string_view text) {
  constexpr std::string_view start = "stage";
  if (!text.starts_with(start)) return std::nullopt;
  const auto parts = split(text.substr(start.size()), '-');
  if (parts.size() != 4 || (parts[1] != "map" && parts[1] != "reduce")) return std::nullopt;
  const auto stage = parse_number(parts[0]);
  const auto index = parse_number(parts[2]);
  const auto attempt = parse_number(parts[3]);
  if (!stage || !index || !attempt) return std::nullopt;
  const TaskKind kind = parts[1] == "map" ? TaskKind::map : TaskKind::reduce;
  return AttemptId{*stage, kind, *index, *attempt};
}

std::string block_name(const AttemptId& map_attempt, std::uint32_t partition) {
  return block_prefix(map_attempt.stage) +
         format("map%u.%u/%u", map_attempt.index, map_attempt.attempt, partition);
}

std::string block_name(const ShippedFile& file) {
  return "file/" + file.hash;
}

std::string block_prefix(std::uint32_t stage) {
  return format("stage%u/", stage);
}

std::string part_name(TaskKind kind, std::uint32_t index) {
  return format(kind == TaskKind::map ? "part-m-%05u" : "part-r-%05u", index);
}

}  // namespace mesolite::hadoop

#include "kernel/daemon/rate_limits.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace mesolite::daemon {
namespace {

using Json = nlohmann::json;

constexpr std::string_view file_scheme = "file://";
constexpr double per_second_min = 1e-3;
constexpr double per_second_max = 1e6;
constexpr std::uint64_t capacity_max = 1'000'000;

Result<std::string> text_of(const std::string& text) {
  const bool url = text.starts_with(file_scheme);
  if (!url && !text.starts_with("/")) return text;
  const std::string path = url ? text.substr(file_scheme.size()) : text;
  std::ifstream file(path, std::ios::binary);
  if (!file) return failure("cannot read '" + path + "'");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Status only_keys(const Json& object, const std::string& where,
                 std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return failure(where + "there is no '" + key + "'");
    }
  }
  return {};
}

Result<std::optional<master::RateLimit>> read_limit(const Json& object, const std::string& rate_key,
                                                    const std::string& capacity_key) {
  const bool has_capacity = object.contains(capacity_key);
  if (!object.contains(rate_key)) {
    if (has_capacity) return failure(capacity_key + ": means nothing without " + rate_key);
    return std::optional<master::RateLimit>();
  }
  master::RateLimit limit;
  const Json& rate = object[rate_key];
  limit.messages_per_second = rate.is_number() ? rate.get<double>() : 0;
  if (!(limit.messages_per_second >= per_second_min) ||
      limit.messages_per_second > per_second_max) {
    return failure(rate_key + ": expected messages a second, 0.001 to 1000000, got " + rate.dump());
  }
  if (!has_capacity) return std::optional(limit);
  const Json& capacity = object[capacity_key];
  if (!capacity.is_number_unsigned() || capacity.get<std::uint64_t>() > capacity_max) {
    return failure(capacity_key + ": expected messages that may wait, 0 to 1000000, got " +
                   capacity.dump());
  }
  limit.capacity = capacity.get<std::size_t>();
  return std::optional(limit);
}

Status read_principal(const Json& entry, const std::string& where, master::RateLimits& limits) {
  if (!entry.is_object()) return failure(where + "expected an object");
  if (auto known = only_keys(entry, where, {"principal", "qps", "capacity"}); !known) return known;
  const Json name = entry.value("principal", Json());
  if (!name.is_string()) return failure(where + "principal: expected a text");
  auto limit = read_limit(entry, "qps", "capacity");
  if (!limit) return failure(where + limit.error().message);
  const bool added = limits.principals.emplace(name.get<std::string>(), *limit).second;
  if (!added) return failure(where + "principal: '" + name.get<std::string>() + "' is given twice");
  return {};
}

Result<master::RateLimits> read_limits(const Json& json) {
  if (!json.is_object()) return failure("expected a JSON object");
  const auto known =
      only_keys(json, "", {"limits", "aggregate_default_qps", "aggregate_default_capacity"});
  if (!known) return tl::unexpected(known.error());
  master::RateLimits limits;
  const Json entries = json.value("limits", Json::array());
  if (!entries.is_array()) return failure("limits: expected a list");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto read = read_principal(entries[i], "limits[" + std::to_string(i) + "]: ", limits);
    if (!read) return tl::unexpected(read.error());
  }
  auto others = read_limit(json, "aggregate_default_qps", "aggregate_default_capacity");
  if (!others) return tl::unexpected(others.error());
  limits.others = *others;
  return limits;
}

}  // namespace

Result<master::RateLimits> parse_rate_limits(const std::string& text) {
  if (text.empty()) return master::RateLimits();
  const auto json_text = text_of(text);
  if (!json_text) return failure("--rate_limits", json_text.error());
  const Json json = Json::parse(*json_text, nullptr, false);
  if (json.is_discarded()) {
    return failure("--rate_limits: expected JSON, or the path of a file with it");
  }
  auto limits = read_limits(json);
  if (!limits) return failure("--rate_limits", limits.error());
  return limits;
}

}  // namespace mesolite::daemon

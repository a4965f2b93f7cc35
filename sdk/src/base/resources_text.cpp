// Reading resources, amounts and role names from text.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "mesolite/base/resources.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite {
namespace {

constexpr std::size_t role_bytes_max = 256;

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

Result<std::vector<std::string>> parse_items(std::string_view text) {
  if (text.size() < 2 || text.back() != '}') {
    return failure("expected a set such as {a,b}, got " + quoted(text));
  }
  std::vector<std::string> items;
  for (const std::string_view part : split(text.substr(1, text.size() - 2), ',')) {
    const std::string_view item = trim(part);
    if (!item.empty()) items.emplace_back(item);
  }
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return items;
}

// "cpus" or "cpus(role)"
Result<ResourceKey> parse_key(std::string_view text, std::string_view default_role) {
  std::string_view role = default_role;
  std::string_view name = text;
  const std::size_t open = text.find('(');
  if (open != std::string_view::npos) {
    if (text.back() != ')') return failure("expected name(role), got " + quoted(text));
    name = trim(text.substr(0, open));
    role = trim(text.substr(open + 1, text.size() - open - 2));
  }
  if (name.empty()) return failure("a resource has no name in " + quoted(text));
  ResourceKey key;
  key.name = name;
  if (role == "*") return key;
  const std::string problem = invalid_role(role);
  if (!problem.empty()) return failure("role " + quoted(role) + ": " + problem);
  Reservation reservation;
  reservation.role = role;
  key.reservations.push_back(std::move(reservation));
  return key;
}

Status parse_value(std::string_view text, Resource& resource) {
  if (text.starts_with('[')) {
    auto ranges = Ranges::parse(text);
    if (!ranges) return tl::unexpected(ranges.error());
    resource.kind = ResourceKind::ranges;
    resource.ranges = std::move(*ranges);
  } else if (text.starts_with('{')) {
    auto items = parse_items(text);
    if (!items) return tl::unexpected(items.error());
    resource.kind = ResourceKind::set;
    resource.items = std::move(*items);
  } else {
    const auto amount = parse_thousandths(text);
    if (!amount) return tl::unexpected(amount.error());
    if (*amount < 0) return failure("amount " + std::string(text) + " is negative");
    resource.amount = *amount;
  }
  return {};
}

Result<Resource> parse_resource(std::string_view text, std::string_view default_role) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return failure("expected name:value, got " + quoted(text));
  }
  auto key = parse_key(trim(text.substr(0, colon)), default_role);
  if (!key) return tl::unexpected(key.error());
  Resource resource;
  resource.key = std::move(*key);
  const Status read = parse_value(trim(text.substr(colon + 1)), resource);
  if (!read) return failure(resource.key.name, read.error());
  return resource;
}

}  // namespace

Result<Resources> Resources::parse(std::string_view text, std::string_view default_role) {
  Resources resources;
  std::map<std::string, ResourceKind> kinds;
  if (trim(text).empty()) return resources;
  for (const std::string_view part : split(text, ';')) {
    if (trim(part).empty()) continue;  // a trailing semicolon
    auto resource = parse_resource(trim(part), default_role);
    if (!resource) return failure("resources " + quoted(text), resource.error());
    const std::string name = resource->key.name;
    const auto [known, added] = kinds.emplace(name, resource->kind);
    const bool must_be_scalar =
        std::find(scalar_names.begin(), scalar_names.end(), name) != scalar_names.end();
    if (known->second != resource->kind ||
        (must_be_scalar && resource->kind != ResourceKind::scalar)) {
      return failure("resources " + quoted(text) + ": " + name + " has a value of the wrong kind");
    }
    resources.add(std::move(*resource));
  }
  const std::string problem = resources.invalid();
  if (!problem.empty()) return failure("resources " + quoted(text) + ": " + problem);
  return resources;
}

std::string thousandths_to_text(std::int64_t thousandths) {
  const bool negative = thousandths < 0;
  const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(thousandths)
                                      : static_cast<std::uint64_t>(thousandths);
  std::string text = (negative ? "-" : "") + std::to_string(size / 1000);
  const std::uint64_t decimals = size % 1000;
  if (decimals == 0) return text;
  std::string tail = std::to_string(1000 + decimals).substr(1);
  tail.erase(tail.find_last_not_of('0') + 1);
  return text + "." + tail;
}

Result<std::int64_t> parse_thousandths(std::string_view text) {
  text = trim(text);
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return failure("expected a number, got " + quoted(text));
  }
  if (std::abs(value) > static_cast<double>(amount_max) / 1000) {
    return failure("number " + quoted(text) + " is too large");
  }
  return static_cast<std::int64_t>(std::llround(value * 1000));
}

std::string invalid_role(std::string_view role) {
  if (role == "*") return "";
  if (role.size() > role_bytes_max) return "is longer than 256 bytes";
  for (const std::string_view name : split(role, '/')) {
    if (name.empty()) return "has an empty name between slashes";
    if (name == "." || name == ".." || name == "*") {
      return "has the name '" + std::string(name) + "' in its path";
    }
    if (name.front() == '-') return "has a name that starts with '-'";
    const bool blank = std::any_of(name.begin(), name.end(), [](char c) {
      return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
    });
    if (blank) return "has a blank or control character";
  }
  return "";
}

}  // namespace mesolite

#include "kernel/config/option.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "mesolite/base/text.hpp"

namespace mesolite::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};
constexpr std::array<Unit, 5> byte_units = {{{"TB", std::uint64_t{1} << 40},
                                             {"GB", std::uint64_t{1} << 30},
                                             {"MB", std::uint64_t{1} << 20},
                                             {"KB", std::uint64_t{1} << 10},
                                             {"B", 1}}};

template <class Number>
Result<Number> parse_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || stop != end) return failure("not a number");
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(number)) return failure("not finite");
  }
  return number;
}

Result<bool> parse_boolean(std::string_view text) {
  // An empty value counts as true, as `--quiet=` and `MESOS_quiet=` do in Mesos.
  if (text.empty() || text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return failure("neither true nor false");
}

std::vector<std::string> parse_list(std::string_view text) {
  std::vector<std::string> items;
  for (const std::string_view part : split(text, ',')) {
    const std::string_view item = trim(part);
    if (!item.empty()) items.emplace_back(item);
  }
  return items;
}

Result<OptionValue> parse_kind(OptionKind kind, std::string_view text) {
  const auto as_value = [](auto value) { return OptionValue(std::move(value)); };
  switch (kind) {
    case OptionKind::text:
      return OptionValue(std::string(text));
    case OptionKind::path: {
      // Mesos drops the scheme from paths instead of reading the file.
      constexpr std::string_view scheme = "file://";
      if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
      return OptionValue(std::filesystem::path(text));
    }
    case OptionKind::integer:
      return parse_number<std::int64_t>(text).map(as_value);
    case OptionKind::number:
      return parse_number<double>(text).map(as_value);
    case OptionKind::boolean:
      return parse_boolean(text).map(as_value);
    case OptionKind::duration:
      return parse_duration(text).map(as_value);
    case OptionKind::bytes:
      return parse_bytes(text).map(as_value);
    case OptionKind::list:
      return OptionValue(parse_list(text));
  }
  return failure("unknown kind");
}

struct Range {
  std::string_view low, high;  // empty: open
};

std::optional<Range> range_of(const OptionSpec& spec) {
  const std::size_t dots = spec.accepts.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  return Range{spec.accepts.substr(0, dots), spec.accepts.substr(dots + 2)};
}

bool within_range(const OptionSpec& spec, const OptionValue& value) {
  const std::optional<Range> range = range_of(spec);
  if (!range) return true;
  const auto low = parse_kind(spec.kind, range->low);
  const auto high = parse_kind(spec.kind, range->high);
  // A variant compares its members when both hold the same kind, and these do.
  return (range->low.empty() || *low <= value) && (range->high.empty() || value <= *high);
}

// The word of "a|b|c" that `text` means in any case, or "".
std::string_view chosen_word(std::string_view words, std::string_view text) {
  for (const std::string_view word : split(words, '|')) {
    if (lower(word) == lower(text)) return word;
  }
  return {};
}

bool is_address(std::string_view text) {
  in_addr address{};
  return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

// Whether a text is acceptable; a word out of a choice is brought into its declared spelling.
bool accept_text(const OptionSpec& spec, std::string& text) {
  if (spec.accepts == "required") return !text.empty();
  if (spec.accepts == "address") return text.empty() || is_address(text);
  if (spec.accepts.empty()) return true;
  const std::string_view word = chosen_word(spec.accepts, text);
  if (word.empty()) return false;
  text = word;
  return true;
}

std::string_view kind_words(OptionKind kind) {
  switch (kind) {
    case OptionKind::text:
      return "a text";
    case OptionKind::path:
      return "a path";
    case OptionKind::integer:
      return "an integer";
    case OptionKind::number:
      return "a number";
    case OptionKind::boolean:
      return "true or false";
    case OptionKind::duration:
      return "a duration such as 500ms, 15secs or 2mins";
    case OptionKind::bytes:
      return "a size such as 512KB or 64MB";
    case OptionKind::list:
      return "a list separated by commas";
  }
  return "a value";
}

std::string text_expectation(const OptionSpec& spec) {
  if (spec.accepts == "address") return "an IPv4 address such as 127.0.0.1";
  if (spec.accepts == "required") return "a text that is not empty";
  std::string words = "one of";
  for (const std::string_view word : split(spec.accepts, '|')) {
    words.append(words.size() == 6 ? " " : ", ").append(word);
  }
  return words;
}

}  // namespace

std::string expectation(const OptionSpec& spec) {
  if (spec.kind == OptionKind::text && !spec.accepts.empty()) return text_expectation(spec);
  std::string words(kind_words(spec.kind));
  const std::optional<Range> range = range_of(spec);
  if (!range) return words;
  if (range->high.empty()) return words + ", at least " + std::string(range->low);
  return words + " from " + std::string(range->low) + " to " + std::string(range->high);
}

Result<OptionValue> parse_option(const OptionSpec& spec, std::string_view text) {
  Result<OptionValue> value = parse_kind(spec.kind, text);
  bool accepted = value && within_range(spec, *value);
  if (accepted && spec.kind == OptionKind::text) {
    accepted = accept_text(spec, std::get<std::string>(*value));
  }
  if (accepted) return value;
  return failure("expected " + expectation(spec) + ", got '" + masked(text) + "'");
}

std::string to_text(const OptionValue& value) {
  struct Writer {
    std::string operator()(const std::string& text) const { return masked(text); }
    std::string operator()(const std::filesystem::path& path) const { return path.string(); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const {
      std::array<char, 32> buffer{};
      const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
      return {buffer.data(), end.ptr};
    }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(Duration duration) const { return mesolite::to_text(duration); }
    std::string operator()(std::uint64_t count) const { return bytes_text(count); }
    std::string operator()(const std::vector<std::string>& items) const {
      std::string text;
      for (const std::string& item : items) text.append(text.empty() ? "" : ",").append(item);
      return text;
    }
  };
  return std::visit(Writer{}, value);
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  const std::string_view number_text = text.substr(0, digits);
  const std::string unit =
      digits == std::string_view::npos ? "b" : lower(trim(text.substr(digits)));
  for (const Unit& known : byte_units) {
    if (lower(known.name) != unit) continue;
    const Result<double> number = parse_number<double>(number_text);
    const double count = number ? *number * static_cast<double>(known.size) : -1.0;
    if (!(count >= 0) || count >= static_cast<double>(std::numeric_limits<std::int64_t>::max())) {
      break;
    }
    return static_cast<std::uint64_t>(count);
  }
  return failure("'" + std::string(text) + "' is not a size such as 512KB or 64MB");
}

std::string bytes_text(std::uint64_t count) {
  for (const Unit& unit : byte_units) {
    if (count >= unit.size && count % unit.size == 0) {
      return std::to_string(count / unit.size) + std::string(unit.name);
    }
  }
  return "0B";
}

std::string masked(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return std::string(text);
  const std::size_t host = scheme + 3;
  const std::size_t host_end = std::min(text.find('/', host), text.size());
  const std::size_t at = text.substr(host, host_end - host).rfind('@');
  if (at == std::string_view::npos) return std::string(text);
  return std::string(text.substr(0, host)) + "***" + std::string(text.substr(host + at));
}

}  // namespace mesolite::config

// What one flag is: its kind, its row in the options table, and how its text becomes a value.
//
// Values only; safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::config {

enum class OptionKind { text, path, integer, number, boolean, duration, bytes, list };

// In the order of OptionKind, so that a kind is the index of its type.
using OptionValue = std::variant<std::string, std::filesystem::path, std::int64_t, double, bool,
                                 Duration, std::uint64_t, std::vector<std::string>>;

template <OptionKind kind>
using KindType = std::variant_alternative_t<static_cast<std::size_t>(kind), OptionValue>;

// One row of master_options.def or agent_options.def, which explains the columns.
struct OptionSpec {
  OptionKind kind = OptionKind::text;
  std::string_view name;
  std::string_view default_text;
  std::string_view accepts;
  std::string_view aliases;
  std::string_view group;
  std::string_view help;
};

struct OptionTable {
  std::string_view program;  // "mesos-master"
  std::string_view summary;  // one sentence for --help
  std::vector<OptionSpec> options;
};

// Reads `text` as a value of the option. The error is "expected …, got '…'"; secrets in a URL
// (user:password@) are masked in it.
Result<OptionValue> parse_option(const OptionSpec& spec, std::string_view text);

// "an integer from 0 to 65535": what parse_option() takes.
std::string expectation(const OptionSpec& spec);

// The value as a user would write it, secrets in a URL masked: "15secs", "true", "a,b".
std::string to_text(const OptionValue& value);

// Reads "64MB", "2GB", "512KB", "100B"; units are powers of 1024, a bare number counts bytes.
Result<std::uint64_t> parse_bytes(std::string_view text);

// "64MB": the largest unit that divides the count.
std::string bytes_text(std::uint64_t count);

// "zk://user:secret@host/path" becomes "zk://***@host/path"; other texts stay as they are.
std::string masked(std::string_view text);

}  // namespace mesolite::config

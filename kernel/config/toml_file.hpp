// Reads TOML into a ConfigValue tree. The only place that knows the TOML library.
#pragma once

#include <filesystem>
#include <string_view>

#include "kernel/config/config_value.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::config {

// The largest configuration file, and the most dots outside quotes in it: each may nest a table
// one deeper, and depth costs stack.
inline constexpr std::size_t file_size_max = std::size_t{1} << 20;
inline constexpr std::size_t file_dots_max = 4096;
inline constexpr std::size_t file_depth_max = 32;

// Returns a Table. `name` stands in errors: "name:line: what is wrong".
Result<ConfigValue> parse_toml(std::string_view text, std::string_view name);

Result<ConfigValue> read_toml_file(const std::filesystem::path& path);

// The whole text of a file of at most `file_size_max` bytes.
Result<std::string> read_small_file(const std::filesystem::path& path);

}  // namespace mesolite::config

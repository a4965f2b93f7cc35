// A value out of a configuration file, whatever it is, with the place where it stands. Parameters
// of modules are kept in this form until the module's own schema is known.
//
// Values only; safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mesolite/base/time.hpp"

namespace mesolite::config {

struct ConfigMember;

struct ConfigValue {
  using List = std::vector<ConfigValue>;
  using Table = std::vector<ConfigMember>;  // in the order of the keys' names, no key twice

  std::variant<bool, std::int64_t, double, std::string, List, Table> value;
  std::uint32_t line = 0;  // 1 is the first; 0 when the value came from nowhere

  template <class Type>
  const Type* get_if() const {
    return std::get_if<Type>(&value);
  }
  // The member of a table, or null; null too when this is no table.
  const ConfigValue* find(std::string_view key) const;
  // "an integer", "a table", …: for error messages.
  std::string_view kind() const;

  friend bool operator==(const ConfigValue&, const ConfigValue&);
};

struct ConfigMember {
  std::string key;
  ConfigValue value;

  friend bool operator==(const ConfigMember&, const ConfigMember&) = default;
};

// One [modules.NAME] table. The keys `path`, `isolation` and `call_timeout` speak to the host, the
// others are the module's parameters.
struct ModuleTable {
  std::string name;
  std::filesystem::path path;   // of the library; empty: the module of that name in modules_dir
  bool out_of_process = false;  // isolation = "process"
  std::optional<Duration> call_timeout;  // what takes longer is cut off, or named while it lasts
  ConfigValue parameters;                // always a Table
  std::filesystem::path file;            // the file the table stands in, for errors
  std::uint32_t line = 0;
};

}  // namespace mesolite::config

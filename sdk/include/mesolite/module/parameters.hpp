// Parameters of a module as they are before the module's own types are known: read from a
// configuration file, checked against the defaults in its manifest, listed for operators.
// Values only; safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mesolite/protocol/codec.hpp"

namespace mesolite {

struct ParameterValue;
using ParameterList = std::vector<ParameterValue>;
using ParameterMap = std::map<std::string, ParameterValue>;

struct ParameterValue {
  // monostate: an optional parameter that is not set
  std::variant<std::monostate, bool, std::int64_t, double, std::string, ParameterList, ParameterMap>
      value;

  friend bool operator==(const ParameterValue&, const ParameterValue&);
};

void write_value(Writer& writer, const ParameterValue& value);
void read_value(Reader& reader, ParameterValue& value);

// "decay = 0.9, offers_max = 64": as TOML would have it; "" if there are none.
std::string to_text(const ParameterMap& parameters);

// Why `given` cannot be used with a module whose defaults are `schema`, or "" if it can: a key that
// is not there (with the nearest that is), a value of another type. A whole number also stands for
// a fractional one; the items of a list that is empty by default may be of any type.
std::string invalid_parameters(const ParameterMap& given, const ParameterMap& schema);

}  // namespace mesolite

#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <type_traits>

#include "kernel/config/toml_file.hpp"
#include "tests/simulation/allocators.hpp"

namespace mesolite::simulation {

namespace {

using config::ConfigValue;

// Reads tables into structs by the names of their fields. The first problem stays.
class Reading {
 public:
  explicit Reading(std::string_view name) : name_(name) {}

  const std::string& problem() const { return problem_; }

  template <Described T>
  void read(const ConfigValue& value, const std::string& path, T& out) {
    const auto* members = value.get_if<ConfigValue::Table>();
    if (members == nullptr) return expected(value, path, "a table");
    for (const config::ConfigMember& member : *members) read_member(member, path, out);
  }

  void read(const ConfigValue& value, const std::string& path, bool& out) {
    const bool* given = value.get_if<bool>();
    given != nullptr ? void(out = *given) : expected(value, path, "true or false");
  }

  // All numbers with a fraction are parts, or small ones like a drift.
  void read(const ConfigValue& value, const std::string& path, double& out) {
    const auto* whole = value.get_if<std::int64_t>();
    const auto* given = value.get_if<double>();
    const double number = whole != nullptr ? static_cast<double>(*whole) : given ? *given : -1;
    number >= 0 && number <= 1 ? void(out = number) : expected(value, path, "a number from 0 to 1");
  }

  void read(const ConfigValue& value, const std::string& path, Duration& out) {
    const auto* text = value.get_if<std::string>();
    const Result<Duration> parsed =
        text == nullptr ? failure("") : Result<Duration>(parse_duration(*text));
    parsed ? void(out = *parsed) : expected(value, path, "a duration such as \"5s\"");
  }

  void read(const ConfigValue& value, const std::string& path, Range& out) {
    const auto* list = value.get_if<ConfigValue::List>();
    const auto number = [](const ConfigValue& item) {
      const auto* given = item.get_if<std::int64_t>();
      return given == nullptr ? -1 : *given;
    };
    const bool pair = list != nullptr && list->size() == 2;
    const std::int64_t least = pair ? number(list->front()) : number(value);
    const std::int64_t most = pair ? number(list->back()) : number(value);
    if (least < 0 || most < least) {
      return expected(value, path, "a number, or a range such as [2, 8]");
    }
    out = {static_cast<std::uint64_t>(least), static_cast<std::uint64_t>(most)};
  }

  void read(const ConfigValue& value, const std::string& path, std::vector<std::string>& out) {
    const auto* list = value.get_if<ConfigValue::List>();
    if (list == nullptr || list->empty()) return expected(value, path, "a list of names");
    out.clear();
    for (const ConfigValue& item : *list) {
      const auto* text = item.get_if<std::string>();
      if (text == nullptr) return expected(item, path, "a list of names");
      out.push_back(*text);
    }
  }

  void fail(const ConfigValue& at, const std::string& what) {
    if (problem_.empty()) problem_ = name_ + ":" + std::to_string(at.line) + ": " + what;
  }

 private:
  template <Described T>
  void read_member(const config::ConfigMember& member, const std::string& path, T& out) {
    const std::string full = path.empty() ? member.key : path + "." + member.key;
    bool known = false;
    for_each_field(out, [&](std::string_view name, auto& field) {
      if (name != member.key) return;
      known = true;
      read(member.value, full, field);
    });
    if (!known) fail(member.value, "unknown key '" + full + "'");
  }

  void expected(const ConfigValue& at, const std::string& path, std::string_view what) {
    fail(at, path + ": expected " + std::string(what) + ", got " + std::string(at.kind()));
  }

  const std::string name_;
  std::string problem_;
};

Result<Scenario> to_scenario(const ConfigValue& file, std::string_view name) {
  Scenario scenario;
  Reading reading(name);
  reading.read(file, "", scenario);
  for (const std::string& allocator : scenario.cluster.allocators) {
    if (!knows_allocator(allocator)) {
      reading.fail(file, "cluster.allocators: there is no allocator '" + allocator + "'");
    }
  }
  if (scenario.cluster.agents.least == 0) reading.fail(file, "cluster.agents: are none");
  if (scenario.work.tasks_open_max.least == 0) reading.fail(file, "work.tasks_open_max: is 0");
  if (!reading.problem().empty()) return failure(reading.problem());
  return scenario;
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view toml, std::string_view name) {
  const Result<ConfigValue> file = config::parse_toml(toml, name);
  return file ? to_scenario(*file, name) : tl::unexpected(file.error());
}

Result<Scenario> read_scenario(const std::filesystem::path& file) {
  const Result<ConfigValue> read = config::read_toml_file(file);
  return read ? to_scenario(*read, file.string()) : tl::unexpected(read.error());
}

}  // namespace mesolite::simulation

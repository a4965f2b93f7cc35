// Docker's format of profiles (moby: profiles/seccomp). The only file that knows JSON.
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "profile.hpp"

namespace mesolite::linux_seccomp {
namespace {

using Json = nlohmann::json;

constexpr unsigned argument_count = 6;

Result<Action> action_of(const Json& name, const Json& error_number) {
  const std::string text = name.is_string() ? name.get<std::string>() : name.dump();
  if (text == "SCMP_ACT_ALLOW") return Action{Action::Kind::allow, 0};
  if (text == "SCMP_ACT_LOG") return Action{Action::Kind::log, 0};
  if (text == "SCMP_ACT_ERRNO") {
    const int number = error_number.is_number_integer() ? error_number.get<int>() : EPERM;
    return Action{Action::Kind::fail, number};
  }
  if (text.starts_with("SCMP_ACT_KILL")) return Action{Action::Kind::kill_process, 0};
  return failure("unknown action '" + text + "'");
}

Result<Comparison> comparison_of(const std::string& name) {
  constexpr std::pair<std::string_view, Comparison> names[] = {
      {"SCMP_CMP_EQ", Comparison::equal},        {"SCMP_CMP_NE", Comparison::unequal},
      {"SCMP_CMP_LT", Comparison::less},         {"SCMP_CMP_LE", Comparison::at_most},
      {"SCMP_CMP_GE", Comparison::at_least},     {"SCMP_CMP_GT", Comparison::more},
      {"SCMP_CMP_MASKED_EQ", Comparison::masked}};
  for (const auto& [known, comparison] : names) {
    if (name == known) return comparison;
  }
  return failure("unknown comparison '" + name + "'");
}

Result<ArgumentRule> argument_of(const Json& json) {
  ArgumentRule rule;
  rule.index = json.at("index").get<unsigned>();
  if (rule.index >= argument_count) return failure("a system call has no such argument");
  const auto comparison = comparison_of(json.at("op").get<std::string>());
  if (!comparison) return tl::unexpected(comparison.error());
  rule.comparison = *comparison;
  rule.value = json.at("value").get<std::uint64_t>();
  rule.masked_value = json.value("valueTwo", std::uint64_t{0});
  return rule;
}

bool names_this_architecture(const Json& names) {
#if defined(__x86_64__)
  constexpr const char* own = "amd64";
#elif defined(__aarch64__)
  constexpr const char* own = "arm64";
#else
  constexpr const char* own = "";
#endif
  return std::find(names.begin(), names.end(), own) != names.end();
}

// Whether a rule is meant for a container without capabilities on this architecture.
bool is_meant(const Json& rule) {
  const Json includes = rule.value("includes", Json::object());
  const Json excludes = rule.value("excludes", Json::object());
  if (includes.contains("caps") && !includes.at("caps").empty()) return false;
  if (includes.contains("arches") && !includes.at("arches").empty() &&
      !names_this_architecture(includes.at("arches"))) {
    return false;
  }
  return !excludes.contains("arches") || !names_this_architecture(excludes.at("arches"));
}

Result<CallRule> rule_of(const Json& json) {
  CallRule rule;
  if (json.contains("name")) rule.names.push_back(json.at("name").get<std::string>());
  if (json.contains("names")) rule.names = json.at("names").get<std::vector<std::string>>();
  const auto action = action_of(json.at("action"), json.value("errnoRet", Json()));
  if (!action) return tl::unexpected(action.error());
  rule.action = *action;
  const Json arguments = json.value("args", Json::array());
  for (const Json& argument : arguments.is_null() ? Json::array() : arguments) {
    auto read = argument_of(argument);
    if (!read) return tl::unexpected(read.error());
    rule.arguments.push_back(*read);
  }
  return rule;
}

Result<Profile> profile_of(const Json& json) {
  Profile profile;
  const auto otherwise = action_of(json.at("defaultAction"), json.value("defaultErrnoRet", Json()));
  if (!otherwise) return failure("defaultAction", otherwise.error());
  profile.otherwise = *otherwise;
  std::size_t position = 0;
  for (const Json& entry : json.value("syscalls", Json::array())) {
    ++position;
    if (!is_meant(entry)) continue;
    auto rule = rule_of(entry);
    if (!rule) return failure("syscalls, entry " + std::to_string(position), rule.error());
    profile.rules.push_back(std::move(*rule));
  }
  return profile;
}

}  // namespace

Result<Profile> parse_profile(std::string_view json) {
  try {
    return profile_of(Json::parse(json));
  } catch (const Json::exception& exception) {
    return failure(exception.what());
  }
}

}  // namespace mesolite::linux_seccomp

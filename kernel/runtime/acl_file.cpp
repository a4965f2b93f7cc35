#include "kernel/runtime/acl_file.hpp"

#include <vector>

#include "kernel/config/toml_file.hpp"
#include "mesolite/base/guarded_file.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::runtime {
namespace {

using authorization::Acls;
using authorization::Action;
using authorization::ActionInfo;
using authorization::Entity;
using authorization::Objects;
using authorization::Rule;
using config::ConfigMember;
using config::ConfigValue;
using Kind = authorization::Entity::Kind;

constexpr std::string_view permissive_key = "permissive";
constexpr std::string_view principals_key = "principals";

std::string suggestion(std::string_view name, const std::vector<std::string>& known) {
  const std::string near = nearest_name(name, known);
  return near.empty() ? "" : ", did you mean '" + near + "'?";
}

// Reads one file; errors begin with the place.
class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  Result<Acls> read(const ConfigValue& root) const {
    Acls acls;
    for (const ConfigMember& member : *root.get_if<ConfigValue::Table>()) {
      if (auto read = read_member(member, acls); !read) return tl::unexpected(read.error());
    }
    return acls;
  }

 private:
  std::string place(const ConfigValue& value) const {
    return name_ + ":" + std::to_string(value.line);
  }
  tl::unexpected<Error> wrong(const ConfigValue& value, const std::string& problem) const {
    return failure(place(value) + ": " + problem);
  }

  Status read_member(const ConfigMember& member, Acls& acls) const {
    if (member.key == permissive_key) {
      const bool* permissive = member.value.get_if<bool>();
      if (permissive == nullptr) return wrong(member.value, "permissive: expected true or false");
      acls.set_permissive(*permissive);
      return {};
    }
    const auto action = authorization::action_named(member.key);
    if (!action) {
      std::vector<std::string> known{std::string(permissive_key)};
      for (const ActionInfo& info : authorization::actions) known.emplace_back(info.name);
      return wrong(member.value,
                   "there is no action '" + member.key + "'" + suggestion(member.key, known));
    }
    const auto* rules = member.value.get_if<ConfigValue::List>();
    if (rules == nullptr) {
      return wrong(member.value, "expected rules as [[" + member.key + "]], got " +
                                     std::string(member.value.kind()));
    }
    for (const ConfigValue& each : *rules) {
      auto rule = read_rule(authorization::info_of(*action), each);
      if (!rule) return tl::unexpected(rule.error());
      acls.add(*action, std::move(*rule));
    }
    return {};
  }

  Result<Rule> read_rule(const ActionInfo& action, const ConfigValue& value) const {
    Rule rule;
    rule.place = place(value);
    const auto* members = value.get_if<ConfigValue::Table>();
    if (members == nullptr) return wrong(value, "expected a rule, which is a table");
    for (const ConfigMember& member : *members) {
      const bool principals = member.key == principals_key;
      if (!principals && (action.objects == Objects::nothing || member.key != action.key)) {
        return wrong(member.value, unknown_key(action, member.key));
      }
      const bool own = !principals && action.objects == Objects::frameworks;
      auto entity = read_entity(member, own);
      if (!entity) return tl::unexpected(entity.error());
      (principals ? rule.principals : rule.objects) = std::move(*entity);
    }
    return rule;
  }

  static std::string unknown_key(const ActionInfo& action, const std::string& key) {
    std::string text = "a rule of " + std::string(action.name) + " has no key '" + key +
                       "': it has " + std::string(principals_key);
    if (action.objects != Objects::nothing) text += " and " + std::string(action.key);
    return text;
  }

  Result<Entity> read_entity(const ConfigMember& member, bool own) const {
    const auto* word = member.value.get_if<std::string>();
    if (word != nullptr && *word == "ANY") return Entity{Kind::any, {}};
    if (word != nullptr && *word == "NONE") return Entity{Kind::none, {}};
    if (word != nullptr && *word == "OWN" && own) return Entity{Kind::own, {}};
    const auto* list = member.value.get_if<ConfigValue::List>();
    Entity entity{Kind::some, {}};
    for (const ConfigValue& each : list == nullptr ? ConfigValue::List() : *list) {
      const auto* name = each.get_if<std::string>();
      if (name == nullptr || name->empty()) {
        return wrong(each, member.key + ": expected names, got " + std::string(each.kind()));
      }
      entity.names.push_back(*name);
    }
    if (!entity.names.empty()) return entity;
    return wrong(member.value, member.key + ": expected a list of names, \"ANY\"" +
                                   (own ? ", \"OWN\"" : "") + " or \"NONE\"");
  }

  const std::string& name_;
};

}  // namespace

Result<Acls> parse_acls(std::string_view text, const std::string& name) {
  const auto root = config::parse_toml(text, name);
  if (!root) return tl::unexpected(root.error());
  return Reader(name).read(*root);
}

Result<Acls> read_acls(const std::filesystem::path& file) {
  const auto text = read_guarded_file("access list", file);
  if (!text) return tl::unexpected(text.error());
  return parse_acls(*text, file.string());
}

bool is_loopback(const std::string& ip) {
  return ip.starts_with("127.") || ip == "::1" || ip == "localhost";
}

Result<Acls> acls_of(const std::filesystem::path& file, const std::string& ip, bool permissive) {
  if (!file.empty()) {
    auto acls = read_acls(file);
    return acls ? std::move(acls) : failure("--acls", acls.error());
  }
  if (permissive || is_loopback(ip)) return Acls::allow_all();
  return failure("--ip=" + ip +
                 " lets other machines in, and nothing says who may do what: give --acls=FILE, or "
                 "let everybody do everything with --permissive (MESOS_permissive=true)");
}

}  // namespace mesolite::runtime

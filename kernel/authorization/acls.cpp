#include "kernel/authorization/acls.hpp"

#include <algorithm>

namespace mesolite::authorization {
namespace {

using Kind = Entity::Kind;

constexpr std::string_view subtree = "/%";
constexpr std::size_t text_bytes_max = 256;  // of a name that somebody else chose

bool fits_name(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with(subtree)) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool names(const Entity& entity, std::string_view name) {
  return std::any_of(entity.names.begin(), entity.names.end(),
                     [&](const std::string& pattern) { return fits_name(pattern, name); });
}

bool is_about(const Entity& entity, std::string_view name, std::string_view principal) {
  switch (entity.kind) {
    case Kind::any:
    case Kind::none:
      return true;
    case Kind::own:
      return !principal.empty() && name == principal;
    case Kind::some:
      return names(entity, name);
  }
  return false;
}

// Nobody is named "", whatever a rule says.
bool is_about(const Rule& rule, std::string_view principal, std::string_view object) {
  if (rule.principals.kind == Kind::some && principal.empty()) return false;
  return is_about(rule.principals, principal, principal) &&
         is_about(rule.objects, object, principal);
}

bool allows(const Rule& rule) {
  return rule.principals.kind != Kind::none && rule.objects.kind != Kind::none;
}

// In quotes, without what could end a line or pretend to be another field.
std::string quoted(std::string_view text) {
  std::string safe = "'";
  for (const char letter : text.substr(0, text_bytes_max)) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = byte >= 0x20 && byte != 0x7f && letter != '\'' && letter != '\\';
    safe += plain ? letter : '?';
  }
  if (text.size() > text_bytes_max) safe += "…";
  return safe + "'";
}

std::string singular(std::string_view key) {
  return std::string(key.substr(0, key.size() - 1));
}

std::string sentence(std::string_view principal, Action action, std::string_view object) {
  const ActionInfo& info = info_of(action);
  std::string text = principal.empty() ? "nobody in particular" : "principal " + quoted(principal);
  text += " may not " + std::string(info.name);
  if (info.objects == Objects::nothing) return text;
  if (info.objects == Objects::frameworks) {
    return text + " of frameworks of principal " + quoted(object);
  }
  return text + " of " + singular(info.key) + " " + quoted(object);
}

}  // namespace

std::optional<Action> action_named(std::string_view name) {
  for (const ActionInfo& info : actions) {
    if (info.name == name) return info.action;
  }
  return std::nullopt;
}

Acls Acls::allow_all() {
  Acls acls;
  acls.set_permissive(true);
  return acls;
}

void Acls::add(Action action, Rule rule) {
  rules_[static_cast<std::size_t>(action)].push_back(std::move(rule));
}

std::string Acls::denial(std::string_view principal, Action action, std::string_view object) const {
  for (const Rule& rule : rules_of(action)) {
    if (!is_about(rule, principal, object)) continue;
    if (allows(rule)) return "";
    return sentence(principal, action, object) + " (" + rule.place + ")";
  }
  return permissive_ ? "" : sentence(principal, action, object);
}

Decision Acls::decide(std::string_view principal, Action action, std::string_view object) const {
  return {std::string(principal), std::string(info_of(action).name), std::string(object),
          denial(principal, action, object)};
}

bool Acls::allows_all(Action action) const {
  return permissive_ && rules_of(action).empty();
}

bool is_recorded(Action action, const Decision& decision) {
  return !decision.denial.empty() || info_of(action).recorded == Recorded::every;
}

std::string to_text(const Decision& decision) {
  std::string text = "principal=" + quoted(decision.principal) + " action=" + decision.action +
                     " object=" + quoted(decision.object) + " verdict=";
  if (decision.denial.empty()) return text + "allowed";
  std::string reason = decision.denial;
  std::replace(reason.begin(), reason.end(), '\'', '"');
  return text + "denied reason=" + quoted(reason);
}

}  // namespace mesolite::authorization

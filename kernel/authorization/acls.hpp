// Acls: who may do what. A pure value: no file, no clock; the master, the agent and the HTTP side
// ask it.
//
// Rules stand by action. The first whose principals and objects fit decides; what no rule speaks of
// is denied, unless the list is permissive. Who somebody is, his connection has proved; "" is
// somebody who had to prove nothing, whom no name fits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mesolite::authorization {

enum class Action : std::uint8_t {
#define MESOLITE_ACTION(name, objects, recorded, meaning) name,
#include "kernel/authorization/actions.def"
};

enum class Objects : std::uint8_t { roles, agents, users, frameworks, modules, nothing };
enum class Recorded : std::uint8_t { every, denials };

struct ActionInfo {
  Action action;
  std::string_view name;
  Objects objects;
  std::string_view key;  // of the objects in a rule
  Recorded recorded;
  std::string_view meaning;
};

inline constexpr std::array actions = {
#define MESOLITE_ACTION(name, objects, recorded, meaning) \
  ActionInfo{Action::name, #name, Objects::objects, #objects, Recorded::recorded, meaning},
#include "kernel/authorization/actions.def"
};

constexpr const ActionInfo& info_of(Action action) {
  return actions[static_cast<std::size_t>(action)];
}
std::optional<Action> action_named(std::string_view name);

// Which principals, or which objects, a rule is about. "eng/%" fits all roles below "eng".
struct Entity {
  enum class Kind : std::uint8_t {
    any,   // everybody, everything
    none,  // likewise, and the rule is a denial
    own,   // of frameworks: those of the asking principal
    some   // that are named
  };
  Kind kind = Kind::any;
  std::vector<std::string> names;
};

struct Rule {
  Entity principals;
  Entity objects;
  std::string place;  // "acls.toml:7", for denials
};

// Whether somebody may do something, as it is told and written down.
struct Decision {
  std::string principal;
  std::string action;
  std::string object;
  std::string denial;  // one sentence; "" = allowed

  friend bool operator==(const Decision&, const Decision&) = default;
};

class Acls {
 public:
  // Everybody may do everything.
  static Acls allow_all();
  // Nobody may do anything, yet.
  Acls() = default;

  void set_permissive(bool permissive) { permissive_ = permissive; }
  void add(Action action, Rule rule);

  Decision decide(std::string_view principal, Action action, std::string_view object) const;
  // decide().denial, without making texts of what is allowed.
  std::string denial(std::string_view principal, Action action, std::string_view object) const;

  // Whether nobody is ever denied this: then there is no need to look closely.
  bool allows_all(Action action) const;

 private:
  const std::vector<Rule>& rules_of(Action action) const {
    return rules_[static_cast<std::size_t>(action)];
  }

  bool permissive_ = false;
  std::array<std::vector<Rule>, actions.size()> rules_;
};

// Whether the audit log keeps it.
bool is_recorded(Action action, const Decision& decision);

// "principal='ann' action=set_quota object='eng' verdict=denied reason='…'", one line whatever the
// texts hold.
std::string to_text(const Decision& decision);

}  // namespace mesolite::authorization

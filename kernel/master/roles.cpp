#include "kernel/master/roles.hpp"

#include <cmath>
#include <map>
#include <set>

#include "kernel/master/durable.hpp"
#include "kernel/master/state.hpp"
#include "kernel/master/validation.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::master {

RoleHandle Roles::ensure(std::string_view name) {
  const auto [entry, added] = by_name_.try_emplace(std::string(name));
  if (added) {
    Role& role = roles_.emplace_back();
    role.name = name;
    entry->second = RoleHandle{roles_.size()};
  }
  return entry->second;
}

RoleHandle Roles::find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? RoleHandle{} : found->second;
}

void Roles::set_quota(RoleHandle handle, Resources guarantee, std::optional<Resources> limit) {
  Role& role = roles_[handle.value - 1];
  role.guarantee = std::move(guarantee);
  role.limit = std::move(limit);
}

// ---- transitions
// ---------------------------------------------------------------------------------

RoleHandle ensure_role(State& state, std::string_view name) {
  const std::size_t known = state.roles.size();
  const RoleHandle role = state.roles.ensure(name);
  if (state.roles.size() > known) state.allocation.role_changed(role);
  return role;
}

std::string invalid_role_names(const State& state, std::string_view list,
                               const std::vector<std::string_view>& names) {
  std::set<std::string_view> seen;
  std::size_t added = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string field = list_item(list, i) + "role: ";
    const std::string problem = invalid_role(names[i]);
    if (!problem.empty()) return field + problem;
    if (!seen.insert(names[i]).second)
      return field + "'" + std::string(names[i]) + "' stands twice";
    added += state.roles.find(names[i]).empty() ? 1 : 0;
  }
  if (state.roles.size() + added <= roles_max) return "";
  return std::string(list) + ": there are " + std::to_string(state.roles.size()) +
         " roles already, and at most " + std::to_string(roles_max) + " may be";
}

namespace {

std::string invalid_weights(const State& state, const SetWeights& request) {
  std::vector<std::string_view> names;
  for (const RoleWeight& weight : request.weights) names.push_back(weight.role);
  std::string problem = invalid_role_names(state, "weights", names);
  for (std::size_t i = 0; i < request.weights.size() && problem.empty(); ++i) {
    const double weight = request.weights[i].weight;
    if (std::isfinite(weight) && weight > 0) continue;
    problem = list_item("weights", i) + "weight: is " + number_text(weight) +
              ", but must be a number above 0";
  }
  return problem;
}

std::string all_weights(const State& state) {
  std::map<std::string_view, double> weights;
  for (const Role& role : state.roles.all()) {
    if (role.weight != 1.0) weights[role.name] = role.weight;
  }
  std::string text;
  for (const auto& [name, weight] : weights) {
    text += std::string(name) + "=" + number_text(weight) + "\n";
  }
  return text.empty() ? "every role weighs 1" : text + "every other role weighs 1";
}

}  // namespace

Result<std::string> set_weights(State& state, const SetWeights& request) {
  const std::string problem = invalid_weights(state, request);
  if (!problem.empty()) return failure(problem);
  for (const auto& [name, weight] : request.weights) {
    const RoleHandle role = state.roles.ensure(name);
    state.roles.set_weight(role, weight);
    state.allocation.role_changed(role);
    persist(state, name, DurableWeight{weight});
    note(state, Severity::info, "weight_set", {{"role", name}, {"weight", number_text(weight)}});
  }
  return all_weights(state);
}

}  // namespace mesolite::master

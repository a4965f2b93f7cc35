#include "kernel/master/quota.hpp"

#include <algorithm>
#include <map>

#include "kernel/master/durable.hpp"
#include "kernel/master/state.hpp"
#include "kernel/master/validation.hpp"
#include "mesolite/module/quantities.hpp"

namespace mesolite::master {

namespace {

struct Quota {
  Resources guarantee;
  std::optional<Resources> limit;
};
using Quotas = std::map<std::string, Quota, std::less<>>;  // by role

// visit(name, amount) for each scalar.
template <class Visit>
void for_each_scalar(const Quantities& quantities, Visit&& visit) {
  for (std::size_t i = 0; i < scalar_count; ++i) visit(scalar_names[i], quantities.plain()[i]);
  for (const auto& [name, amount] : quantities.others()) visit(std::string_view(name), amount);
}

std::string amount_text(std::string_view name, std::int64_t amount) {
  return std::string(name) + ":" + thousandths_to_text(amount);
}

// ---- what a request may say
// ----------------------------------------------------------------------

std::string invalid_amounts(const Resources& resources) {
  const std::string problem = resources.invalid();
  if (!problem.empty()) return problem;
  for (const Resource& resource : resources.others()) {
    const ResourceKey& key = resource.key;
    if (resource.kind != ResourceKind::scalar) return key.name + " is no amount";
    if (key.reserved() || key.revocable || key.shared) {
      return key.name + " is reserved, revocable or shared, and quota counts what is not";
    }
  }
  return "";
}

std::string invalid_quota(const RoleQuota& quota) {
  if (quota.role == "*") return "role: '*' is everybody's and has no quota";
  std::string problem = invalid_amounts(quota.guarantee);
  if (!problem.empty()) return "guarantee: " + problem;
  if (quota.limit) problem = invalid_amounts(*quota.limit);
  return problem.empty() ? "" : "limit: " + problem;
}

std::string invalid_quotas(const State& state, const SetQuota& request) {
  std::vector<std::string_view> names;
  for (const RoleQuota& quota : request.quotas) names.push_back(quota.role);
  std::string problem = invalid_role_names(state, "quotas", names);
  for (std::size_t i = 0; i < request.quotas.size() && problem.empty(); ++i) {
    problem = invalid_quota(request.quotas[i]);
    if (!problem.empty()) problem = list_item("quotas", i) + problem;
  }
  return problem;
}

// ---- the tree
// ------------------------------------------------------------------------------------

std::string_view parent_of(std::string_view role) {
  const std::size_t slash = role.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : role.substr(0, slash);
}

// All quotas as they would be after the request.
class Plan {
 public:
  Plan(const State& state, const SetQuota& request) {
    for (const Role& role : state.roles.all()) {
      if (!role.guarantee.empty() || role.limit) quotas_[role.name] = {role.guarantee, role.limit};
    }
    for (const RoleQuota& quota : request.quotas) {
      quotas_[quota.role] = {quota.guarantee, quota.limit};
    }
  }

  const Quotas& quotas() const { return quotas_; }

  // Why the quotas contradict each other, or "". Fills guaranteed().
  std::string contradiction() {
    // Descendants have longer names than their ancestors, and so come first.
    std::vector<const Quotas::value_type*> deepest_first;
    for (const auto& entry : quotas_) deepest_first.push_back(&entry);
    std::stable_sort(deepest_first.begin(), deepest_first.end(), [](const auto* a, const auto* b) {
      return a->first.size() > b->first.size();
    });
    std::map<std::string_view, Quantities> below;  // guaranteed to the roles below a role
    for (const auto* entry : deepest_first) {
      const auto& [role, quota] = *entry;
      const std::string problem = contradiction(role, quota, below[role]);
      if (!problem.empty()) return problem;
      const Quantities own(quota.guarantee);
      const Quantities& sure = quota.guarantee.empty() ? below[role] : own;
      std::string_view above = parent_of(role);
      while (!above.empty() && !quotas_.contains(above)) above = parent_of(above);
      (above.empty() ? guaranteed_ : below[above]) += sure;
    }
    return "";
  }

  // To all roles together.
  const Quantities& guaranteed() const { return guaranteed_; }

 private:
  static std::string contradiction(const std::string& role, const Quota& quota,
                                   const Quantities& below) {
    std::string problem;
    const auto compare = [&](const Quantities& part, std::string_view what, const Resources& whole,
                             std::string_view bound, bool all) {
      const Quantities most(whole);
      for_each_scalar(part, [&](std::string_view name, std::int64_t amount) {
        const bool bounded = all || most.of(name) > 0;
        if (!problem.empty() || !bounded || amount <= most.of(name)) return;
        problem = "role '" + role + "': " + std::string(what) + amount_text(name, amount) +
                  ", more than its " + std::string(bound) + " of " +
                  amount_text(name, most.of(name));
      });
    };
    if (!quota.guarantee.empty()) {
      compare(below, "the roles below it are guaranteed ", quota.guarantee, "guarantee", true);
    }
    if (quota.limit) {
      compare(below, "the roles below it are guaranteed ", *quota.limit, "limit", false);
      compare(Quantities(quota.guarantee), "its guarantee is ", *quota.limit, "limit", false);
    }
    return problem;
  }

  Quotas quotas_;
  Quantities guaranteed_;
};

// ---- what is there and what is in use
// ------------------------------------------------------------

// Who holds how much: of unreserved resources, and reservations whether they are used or not.
class Usage {
 public:
  explicit Usage(const State& state) : state_(state) {
    state.agents.for_each([&](const Agent& agent) { add(agent); });
  }

  const Quantities& total() const { return total_; }
  const Quantities& free() const { return free_; }  // unreserved
  // Of the role and all below it.
  Quantities consumed(std::string_view role) const { return within(role, consumed_); }
  Quantities offered(std::string_view role) const { return within(role, offered_); }

 private:
  using ByRole = std::map<std::string, Quantities, std::less<>>;

  void add(const Agent& agent) {
    total_ += agent.info.resources;
    free_ += free_resources(agent).unreserved();
    for (const Resource& resource : agent.info.resources.others()) {
      if (!resource.key.reserved()) continue;
      Resources one;
      one.add(resource);
      consumed_[std::string(resource.key.role())] += one;
    }
    for (const Task& task : agent.tasks) {
      if (!is_terminal(task.state)) consumed_[name(task.role)] += task.resources.unreserved();
    }
    for (const auto& [key, executor] : agent.executors) {
      consumed_[name(executor.role)] += executor.resources.unreserved();
    }
    for (const OfferRecord& offer : agent.offers) {
      offered_[name(offer.role)] += offer.resources.unreserved();
    }
  }

  const std::string& name(RoleHandle role) const { return state_.roles[role].name; }

  static Quantities within(std::string_view role, const ByRole& amounts) {
    Quantities sum;
    for (const auto& [name, amount] : amounts) {
      if (role_within(name, role)) sum += amount;
    }
    return sum;
  }

  const State& state_;
  Quantities total_;
  Quantities free_;
  ByRole consumed_;
  ByRole offered_;
};

// The first scalar of which there is more in `part` than in `whole`, as "cpus:4", or "". Unless
// `all`, what `whole` has none of is not bounded.
std::string excess(const Quantities& part, const Quantities& whole, bool all) {
  std::string found;
  for_each_scalar(part, [&](std::string_view name, std::int64_t amount) {
    const bool bounded = all || whole.of(name) > 0;
    if (found.empty() && bounded && amount > whole.of(name)) found = amount_text(name, amount);
  });
  return found;
}

std::string does_not_fit(const SetQuota& request, const Plan& plan, const Usage& usage) {
  const bool guarantees = std::any_of(request.quotas.begin(), request.quotas.end(),
                                      [](const auto& quota) { return !quota.guarantee.empty(); });
  const std::string more = guarantees ? excess(plan.guaranteed(), usage.total(), true) : "";
  if (!more.empty()) {
    return "quotas: " + more +
           " would be guaranteed to all roles together, more than the cluster has; force does it";
  }
  for (std::size_t i = 0; i < request.quotas.size(); ++i) {
    const RoleQuota& quota = request.quotas[i];
    if (!quota.limit) continue;
    const std::string used = excess(usage.consumed(quota.role), Quantities(*quota.limit), false);
    if (used.empty()) continue;
    return list_item("quotas", i) + "limit: the role '" + quota.role + "' holds " + used +
           " already, more than " + quota.limit->to_text() + "; force does it";
  }
  return "";
}

// ---- offers that are in the way
// ------------------------------------------------------------------

// Rescinds offers, oldest first, of which `chosen` and which have any of what is `missing`, until
// nothing is.
template <class Chosen>
void rescind_for(State& state, Quantities missing, Chosen&& chosen, const std::string& reason) {
  const auto lacks = [&](const Quantities& what) {
    bool some = false;
    for_each_scalar(missing, [&](std::string_view name, std::int64_t amount) {
      some = some || (amount > 0 && what.of(name) > 0);
    });
    return some;
  };
  std::vector<OfferRecord*> offers;
  for (OfferRecord& offer : state.offers.in_order()) {
    if (chosen(offer)) offers.push_back(&offer);
  }
  for (OfferRecord* offer : offers) {
    const Quantities given(offer->resources.unreserved());
    if (!lacks(given)) continue;
    missing -= given;
    rescind_offer(state, *offer, reason);
  }
}

void enforce_limit(State& state, const std::string& role, const Resources& limit) {
  const Usage usage(state);
  const Quantities most(limit);
  Quantities over = usage.consumed(role);
  over += usage.offered(role);
  Quantities missing;
  for_each_scalar(over, [&](std::string_view name, std::int64_t amount) {
    Resource resource;
    resource.key.name = name;
    resource.amount = most.of(name) > 0 ? std::max<std::int64_t>(amount - most.of(name), 0) : 0;
    Resources one;
    one.add(std::move(resource));
    missing += one;
  });
  rescind_for(
      state, std::move(missing),
      [&](const OfferRecord& offer) { return role_within(state.roles[offer.role].name, role); },
      "the role '" + role + "' has a limit now");
}

void make_room(State& state, const std::string& role, const Resources& guarantee) {
  const Usage usage(state);
  Quantities missing(guarantee);
  missing -= usage.consumed(role);
  missing -= usage.offered(role);
  missing -= usage.free();
  rescind_for(
      state, std::move(missing),
      [&](const OfferRecord& offer) { return !role_within(state.roles[offer.role].name, role); },
      "it is needed for what the role '" + role + "' is guaranteed");
}

void apply(State& state, const RoleQuota& quota) {
  // A limit on nothing is none.
  const bool limited = quota.limit && !quota.limit->empty();
  const std::optional<Resources> limit = limited ? quota.limit : std::nullopt;
  const RoleHandle role = state.roles.ensure(quota.role);
  state.roles.set_quota(role, quota.guarantee, limit);
  state.allocation.role_changed(role);
  if (quota.guarantee.empty() && !limit) {
    forget_durable<DurableQuota>(state, quota.role);
  } else {
    persist(state, quota.role, DurableQuota{quota.guarantee, limit});
  }
  note(state, Severity::info, "quota_set",
       {{"role", quota.role},
        {"guarantee", quota.guarantee.to_text()},
        {"limit", limit ? limit->to_text() : "none"}});
  if (limit) enforce_limit(state, quota.role, *limit);
  if (!quota.guarantee.empty()) make_room(state, quota.role, quota.guarantee);
}

std::string all_quotas(const Quotas& quotas) {
  std::string text;
  for (const auto& [role, quota] : quotas) {
    const bool limited = quota.limit && !quota.limit->empty();
    if (quota.guarantee.empty() && !limited) continue;
    text += (text.empty() ? "" : "\n") + role;
    if (!quota.guarantee.empty()) text += " is guaranteed " + quota.guarantee.to_text();
    if (!quota.guarantee.empty() && limited) text += " and";
    if (limited) text += " holds at most " + quota.limit->to_text();
  }
  return text.empty() ? "no role has a quota" : text;
}

}  // namespace

Result<std::string> set_quota(State& state, const SetQuota& request) {
  std::string problem = invalid_quotas(state, request);
  if (!problem.empty()) return failure(problem);
  Plan plan(state, request);
  problem = plan.contradiction();
  if (!problem.empty()) return failure(problem);
  if (!request.force) problem = does_not_fit(request, plan, Usage(state));
  if (!problem.empty()) return failure(problem);
  for (const RoleQuota& quota : request.quotas) apply(state, quota);
  return all_quotas(plan.quotas());
}

}  // namespace mesolite::master

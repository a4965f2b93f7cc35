// How a framework comes in: for the first time, again on the same connection, or as a new instance
// of its scheduler, which displaces an older one.
#include <algorithm>

#include "kernel/master/access.hpp"
#include "kernel/master/state.hpp"
#include "kernel/master/tasks.hpp"
#include "kernel/master/validation.hpp"

namespace mesolite::master {

namespace {

void refuse_subscription(State& state, Peer& peer, const std::string& reason) {
  ++state.counters.requests_refused;
  note(state, Severity::warning, "subscription_refused",
       {{"peer", std::to_string(peer.id.value)}, {"reason", reason}});
  state.peers.send(peer, FrameworkError{reason});
  drop_peer(state, peer, "its subscription was refused");
}

void answer(State& state, Peer& peer, const Framework& framework, bool returning) {
  state.peers.send(peer, Subscribed{framework.info.id, state.configuration.info, returning});
}

// An agent that came back may have told of the framework with less than its scheduler knows.
bool known_by_report_only(const Framework& framework) {
  return framework.registered_at == Time{};
}

// What the framework may not say of itself: the connection has proved who it is.
std::string complete_principal(FrameworkInfo& info, const Peer& peer) {
  if (info.principal.empty()) info.principal = peer.principal;
  if (info.principal == peer.principal || peer.principal.empty()) return "";
  return "principal: is '" + info.principal + "', but the connection is that of '" +
         peer.principal + "'";
}

// Why the peer may not take part as this framework, or "".
std::string denial_of(State& state, const Peer& peer, const FrameworkInfo& info) {
  using authorization::Action;
  std::vector<std::string> roles = info.roles;
  if (roles.empty()) roles = {"*"};
  for (const std::string& role : roles) {
    std::string denied = refusal(state, peer, Action::register_framework, role);
    if (!denied.empty()) return denied;
  }
  return refusal(state, peer, Action::run_task_as_user, info.user);
}

std::string problem_of(const State& state, const FrameworkInfo& info, const Framework* known) {
  const std::string problem = invalid(info);
  if (!problem.empty()) return problem;
  if (known != nullptr && known_by_report_only(*known)) {
    // What an agent reports of it, a scheduler's own word amends, but not whose it is.
    const bool foreign = !known->info.principal.empty() && known->info.principal != info.principal;
    return foreign ? invalid_principal(known->info, info) : "";
  }
  if (known != nullptr) return invalid_change(known->info, info);
  if (!info.id.empty() && is_spent(state, info.id)) {
    return "id: '" + info.id.value +
           "' named a framework that has ended; subscribe without an id as a new one";
  }
  if (state.frameworks.size() >= state.configuration.frameworks_max) {
    return "there are " + std::to_string(state.configuration.frameworks_max) +
           " frameworks already, which is the most this master takes";
  }
  if (state.roles.size() + info.roles.size() > roles_max) {
    return "roles: there are " + std::to_string(roles_max) +
           " already, which is the most this master takes";
  }
  return "";
}

void connect(State& state, Peer& peer, Framework& framework) {
  if (Peer* old = state.peers.find(framework.peer)) {
    old->framework = nullptr;
    state.peers.send(*old, FrameworkError{"framework " + framework.info.id.value +
                                          " has failed over to another scheduler"});
    state.peers.cut(*old);
    note(state, Severity::info, "framework_failed_over", {{"framework", framework.info.id.value}});
  }
  // Offers of the older instance mean nothing to the new one.
  while (OfferRecord* offer = framework.offers.front()) return_offer(state, *offer, std::nullopt);
  peer.framework = &framework;
  peer.subscribed_before = true;
  framework.peer = peer.id;
  framework.deadline = {};
  state.allocation.framework_changed(framework);
}

void subscribe_new(State& state, Peer& peer, FrameworkInfo info) {
  const bool returning = !info.id.empty();  // from an earlier run of the master
  Framework& framework = state.frameworks.add(info.id);
  info.id = framework.info.id;
  change_framework_info(state, framework, std::move(info));
  framework.registered_at = state.now;
  connect(state, peer, framework);
  persist_framework(state, framework);
  answer(state, peer, framework, returning);
  note(state, Severity::info, "framework_subscribed",
       {{"framework", framework.info.id.value}, {"name", framework.info.name}});
}

void subscribe_again(State& state, Peer& peer, Framework& framework, FrameworkInfo info) {
  const bool was_away = !framework.connected();
  const FrameworkInfo before = framework.info;
  change_framework_info(state, framework, std::move(info));
  framework.reregistered_at = state.now;
  if (framework.registered_at == Time{}) framework.registered_at = state.now;
  connect(state, peer, framework);
  if (was_away || framework.info != before) persist_framework(state, framework);
  answer(state, peer, framework, true);
  // What no scheduler has acknowledged is sent again at once, not when its time has come.
  RunTasks nothing_new;
  nothing_new.framework = framework.info;
  send_to_agents_of(state, framework, nothing_new);
  note(state, Severity::info, "framework_resubscribed",
       {{"framework", framework.info.id.value}, {"name", framework.info.name}});
}

}  // namespace

void change_framework_info(State& state, Framework& framework, FrameworkInfo info) {
  if (info.roles.empty()) info.roles = {"*"};
  framework.info = std::move(info);
  framework.roles.clear();
  framework.suppressed_roles.clear();
  for (const std::string& role : framework.info.roles) {
    framework.roles.push_back(ensure_role(state, role));
  }
  for (const std::string& role : framework.info.suppressed_roles) {
    framework.suppressed_roles.push_back(ensure_role(state, role));
  }
  std::vector<OfferRecord*> obsolete;
  for (OfferRecord& offer : framework.offers) {
    const auto& roles = framework.roles;
    const bool kept = std::find(roles.begin(), roles.end(), offer.role) != roles.end();
    if (!kept) obsolete.push_back(&offer);
  }
  for (OfferRecord* offer : obsolete) {
    rescind_offer(state, *offer, "the framework left the role");
  }
  state.allocation.framework_changed(framework);
}

Framework& recover_framework(State& state, FrameworkInfo info) {
  Framework& framework = state.frameworks.add(info.id);
  change_framework_info(state, framework, std::move(info));
  // Its scheduler has as long to come back as its agents have, even if it asked for less: it did
  // not lose its connection of its own accord.
  const Duration wait =
      std::max(framework.info.failover_timeout, state.configuration.agent_reregister_timeout);
  framework.deadline = after(state.now, wait);
  state.deadlines.add({framework.deadline, DeadlineKind::framework, framework.handle.value});
  persist_framework(state, framework);
  note(state, Severity::info, "framework_recovered", {{"framework", framework.info.id.value}});
  return framework;
}

void subscribe(State& state, Peer& peer, FrameworkInfo info) {
  if (peer.framework != nullptr && info.id.empty()) info.id = peer.framework->info.id;
  Framework* known = info.id.empty() ? nullptr : state.frameworks.find(info.id);
  std::string problem = complete_principal(info, peer);
  if (problem.empty()) problem = denial_of(state, peer, info);
  if (problem.empty()) problem = problem_of(state, info, known);
  if (problem.empty() && peer.framework != nullptr && peer.framework != known) {
    problem = "id: '" + info.id.value + "' is not the framework of this connection, which is " +
              peer.framework->info.id.value;
  }
  if (!problem.empty()) return refuse_subscription(state, peer, "Subscribe: " + problem);
  if (known == nullptr) return subscribe_new(state, peer, std::move(info));
  if (peer.framework == known) {
    // Asked twice, or with other roles: offers stay.
    const FrameworkInfo before = known->info;
    change_framework_info(state, *known, std::move(info));
    if (known->info != before) persist_framework(state, *known);
    return answer(state, peer, *known, true);
  }
  subscribe_again(state, peer, *known, std::move(info));
}

}  // namespace mesolite::master

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "mesolite/base/random.hpp"
#include "mesolite/testing/conformance.hpp"
#include "sdk/src/testing/conformance/quota_model.hpp"

namespace mesolite::testing {
namespace {

constexpr std::uint64_t seeds = 12;
constexpr int steps = 60;
constexpr int rounds_max = 1000;
constexpr Duration tick = 1s;

// A cluster as the kernel would know it: what is true, and which rules an answer breaks.
class Cluster {
 public:
  // Every other cluster has quotas.
  explicit Cluster(std::uint64_t seed) : random_(seed), quota_(seed % 2 == 0) {}

  AllocateRequest first_request() {
    AllocateRequest request = next_request();
    request.changes.settings.emplace().minimum_allocatable = {*Resources::parse("cpus:0.5"),
                                                              *Resources::parse("mem:64")};
    request.changes.roles = roles();
    return request;
  }

  AllocateRequest next_request() {
    now_ += tick;
    AllocateRequest request;
    request.now = now_;
    return request;
  }

  // Something happens.
  void change(AllocatorChanges& changes) {
    switch (random_.below(8)) {
      case 0:
      case 1:
        return add_agent(changes);
      case 2:
        return add_framework(changes);
      case 3:
        return toggle_interest(changes);
      case 4:
        return random_.chance(0.3) ? remove_agent(changes) : toggle_agent(changes);
      default:
        for (int i = 0; i < 3; ++i) release_some(changes);
    }
  }

  bool has_quota() const { return quota_; }
  void lift_quota(AllocatorChanges& changes) {
    quota_ = false;
    changes.roles = roles();
  }

  void release_all(AllocatorChanges& changes, std::optional<Time> refused_until) {
    while (!holdings_.empty()) release(changes, 0, refused_until);
  }

  // Books an answer, and says what is wrong with it.
  void take(const AllocateResponse& response) {
    const QuotaMoment before = moment();
    book(response);
    const std::string problem = QuotaModel(roles()).broken(before, moment());
    if (!problem.empty()) violations.insert(problem);
  }

  void book(const AllocateResponse& response) {
    for (const Holding& holding : response.allocations) {
      const std::string problem = invalid(holding);
      if (!problem.empty()) {
        violations.insert(problem);
        continue;
      }
      holdings_.push_back(holding);
      agents_[holding.agent].held += holding.resources;
    }
  }

  // Right after an answer: nobody who could be given something was passed over.
  void expect_nothing_left() {
    if (quota_) return;  // which may hold back much
    for (const auto& [agent, entry] : agents_) {
      for (const auto& [framework, state] : frameworks_) {
        if (!entry.state.active || !would_take(agent, framework, state)) continue;
        violations.insert("what is free is offered at once to somebody who would take it");
      }
    }
  }

  // The whole state, as a fresh instance is told it.
  AllocateRequest whole() {
    AllocateRequest request = first_request();
    for (const auto& [handle, entry] : agents_) request.changes.agents.push_back(entry.state);
    for (const auto& [handle, state] : frameworks_) request.changes.frameworks.push_back(state);
    request.changes.held = holdings_;
    request.everything = true;
    refusals_.clear();
    return request;
  }

  Time now() const { return now_; }
  void jump_to(Time time) { now_ = time; }

  std::set<std::string> violations;

 private:
  struct AgentEntry {
    AgentState state;
    Resources held;
  };
  struct Refusal {
    Resources resources;
    Time until{};
  };
  using RefusalKey = std::tuple<AgentHandle, FrameworkHandle, RoleHandle>;

  static inline const std::vector<std::string> role_names = {"eng", "eng/web", "ops", "*"};

  std::vector<RoleState> roles() const {
    std::vector<RoleState> roles;
    for (std::uint64_t i = 0; i < role_names.size(); ++i) {
      RoleState role;
      role.handle = {i + 1};
      role.name = role_names[i];
      if (quota_ && role.name == "eng") role.limit = *Resources::parse("cpus:14;mem:2048");
      if (quota_ && role.name == "eng/web") {
        role.guarantee = *Resources::parse("cpus:4;mem:256");
        role.limit = *Resources::parse("cpus:9");
      }
      if (quota_ && role.name == "ops") role.guarantee = *Resources::parse("cpus:6;mem:512");
      roles.push_back(std::move(role));
    }
    return roles;
  }

  QuotaMoment moment() const {
    QuotaMoment moment;
    for (const auto& [handle, entry] : agents_) {
      moment.totals.push_back(entry.state.total);
      if (entry.state.active) moment.free.push_back(free(handle));
    }
    for (const Holding& holding : holdings_) {
      moment.holdings.emplace_back(role_names[holding.role.value - 1], holding.resources);
    }
    return moment;
  }

  void add_agent(AllocatorChanges& changes) {
    AgentState agent;
    agent.handle = {++agents_made_};
    agent.id = AgentId("A" + std::to_string(agents_made_));
    agent.hostname = "host";
    agent.total = *Resources::parse("cpus:" + std::to_string(1 + random_.below(8)) +
                                    ";mem:" + std::to_string(64 << random_.below(6)) +
                                    ";ports:[31000-31999]");
    if (random_.chance(0.2)) agent.total += *Resources::parse("cpus(eng):2;mem(eng):128");
    agents_[agent.handle] = {agent, {}};
    changes.agents.push_back(agent);
  }

  void add_framework(AllocatorChanges& changes) {
    FrameworkState framework;
    framework.handle = {++frameworks_made_};
    framework.id = FrameworkId("F" + std::to_string(frameworks_made_));
    const std::uint64_t first = random_.below(role_names.size());
    framework.roles.push_back({first + 1});
    if (random_.chance(0.3)) framework.roles.push_back({(first + 1) % role_names.size() + 1});
    framework.active = random_.chance(0.9);
    if (random_.chance(0.1)) framework.suppressed_roles = {framework.roles[0]};
    frameworks_[framework.handle] = framework;
    changes.frameworks.push_back(framework);
  }

  void toggle_interest(AllocatorChanges& changes) {
    if (frameworks_.empty()) return;
    auto place = frameworks_.begin();
    std::advance(place, static_cast<std::ptrdiff_t>(random_.below(frameworks_.size())));
    const RoleHandle role = place->second.roles[0];
    auto& suppressed = place->second.suppressed_roles;
    const bool wanted = std::erase(suppressed, role) > 0;
    if (!wanted) suppressed.push_back(role);
    changes.interests.push_back({place->first, {role}, wanted});
    if (!wanted) return;
    std::erase_if(refusals_, [&](const auto& entry) {
      return std::get<1>(entry.first) == place->first && std::get<2>(entry.first) == role;
    });
  }

  void toggle_agent(AllocatorChanges& changes) {
    if (agents_.empty()) return;
    auto place = agents_.begin();
    std::advance(place, static_cast<std::ptrdiff_t>(random_.below(agents_.size())));
    place->second.state.active = !place->second.state.active;
    changes.agents.push_back(place->second.state);
  }

  void remove_agent(AllocatorChanges& changes) {
    // One that this same request has told of goes later: removals are applied last.
    if (agents_.empty()) return;
    const AgentHandle agent = agents_.begin()->first;
    std::erase_if(holdings_, [&](const Holding& holding) { return holding.agent == agent; });
    std::erase_if(refusals_, [&](const auto& e) { return std::get<0>(e.first) == agent; });
    agents_.erase(agent);
    changes.agents_removed.push_back(agent);
  }

  void release_some(AllocatorChanges& changes) {
    if (holdings_.empty()) return;
    std::optional<Time> until;
    if (random_.chance(0.6)) until = now_ + tick * static_cast<std::int64_t>(random_.below(8));
    release(changes, random_.below(holdings_.size()), until);
  }

  void release(AllocatorChanges& changes, std::size_t index, std::optional<Time> until) {
    const Holding holding = holdings_[index];
    holdings_.erase(holdings_.begin() + static_cast<std::ptrdiff_t>(index));
    agents_[holding.agent].held -= holding.resources;
    changes.released.push_back({holding, until});
    if (until) {
      refusals_.insert(
          {{holding.agent, holding.framework, holding.role}, {holding.resources, *until}});
    }
  }

  Resources free(AgentHandle agent) const {
    const AgentEntry& entry = agents_.at(agent);
    return entry.state.total - entry.held;
  }
  static bool contains(const std::vector<RoleHandle>& roles, RoleHandle role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  }
  static bool wants(const FrameworkState& framework, RoleHandle role) {
    return framework.active && contains(framework.roles, role) &&
           !contains(framework.suppressed_roles, role);
  }
  // As first_request() asks for it; the reserved counts as well.
  static bool allocatable(const Resources& part) {
    return part.scalar("cpus") >= 500 || part.scalar("mem") >= 64'000;
  }
  bool refused(AgentHandle agent, FrameworkHandle framework, RoleHandle role,
               const Resources& part) const {
    const auto [begin, end] = refusals_.equal_range({agent, framework, role});
    return std::any_of(begin, end, [&](const auto& entry) {
      return entry.second.until > now_ && entry.second.resources.contains(part);
    });
  }

  bool would_take(AgentHandle agent, FrameworkHandle framework, const FrameworkState& state) const {
    return std::any_of(state.roles.begin(), state.roles.end(), [&](RoleHandle role) {
      const Resources part = free(agent).available_to(role_names[role.value - 1]);
      return wants(state, role) && allocatable(part) && !refused(agent, framework, role, part);
    });
  }

  std::string invalid(const Holding& holding) const {
    const auto agent = agents_.find(holding.agent);
    if (agent == agents_.end()) return "nothing is offered of an agent that is not there";
    if (!agent->second.state.active) return "nothing is offered of an inactive agent";
    const auto framework = frameworks_.find(holding.framework);
    if (framework == frameworks_.end()) return "nothing is offered to a framework not there";
    if (!wants(framework->second, holding.role)) {
      return "nothing is offered to an inactive framework, in a role that it suppresses or in one "
             "that it is not in";
    }
    if (!free(holding.agent).contains(holding.resources)) return "nothing is given away twice";
    const std::string& role = role_names[holding.role.value - 1];
    if (!holding.resources.available_to(role).contains(holding.resources)) {
      return "what is reserved goes to its role and those below it only";
    }
    if (!allocatable(holding.resources)) return "nothing below the minimum is offered";
    if (refused(holding.agent, holding.framework, holding.role, holding.resources)) {
      return "what was declined is not offered again before its time";
    }
    return "";
  }

  Random random_;
  bool quota_;
  Time now_{};
  std::map<AgentHandle, AgentEntry> agents_;
  std::map<FrameworkHandle, FrameworkState> frameworks_;
  std::vector<Holding> holdings_;
  std::multimap<RefusalKey, Refusal> refusals_;
  std::uint64_t agents_made_ = 0;
  std::uint64_t frameworks_made_ = 0;
};

class Suite {
 public:
  explicit Suite(const Maker<Allocator>& make) : make_(make) {}

  void run(std::uint64_t seed) {
    Cluster cluster(seed);
    const auto allocator = make_();
    const auto twin = make_();
    for (int step = 0; step < steps; ++step) {
      AllocateRequest request = step == 0 ? cluster.first_request() : cluster.next_request();
      cluster.change(request.changes);
      const auto response = call(*allocator, request, cluster);
      const auto again = twin->allocate(request);
      if (!response) break;
      if (!again || !(*again == *response)) {
        cluster.violations.insert("equal calls give equal answers");
      }
    }
    if (cluster.has_quota()) {
      AllocateRequest request = cluster.next_request();
      cluster.lift_quota(request.changes);
      call(*allocator, request, cluster);
    }
    wait_for_refusals(*allocator, cluster);
    rebuild(cluster);
    violations.insert(cluster.violations.begin(), cluster.violations.end());
  }

  void idle() {
    const auto allocator = make_();
    Cluster cluster(0);
    const auto response = call(*allocator, cluster.first_request(), cluster);
    if (response && response->next_deadline) {
      violations.insert("an empty cluster has no deadline");
    }
    violations.insert(cluster.violations.begin(), cluster.violations.end());
  }

  std::set<std::string> violations;

 private:
  std::optional<AllocateResponse> call(Allocator& allocator, const AllocateRequest& request,
                                       Cluster& cluster) {
    const auto response = allocator.allocate(request);
    if (!response) {
      cluster.violations.insert("allocate succeeds, but: " + response.error().message);
      return std::nullopt;
    }
    cluster.take(*response);
    cluster.expect_nothing_left();
    return *response;
  }

  // Everybody declines everything; then the deadlines that the allocator asks for are enough.
  void wait_for_refusals(Allocator& allocator, Cluster& cluster) {
    const Time end = cluster.now() + tick * (2 * rounds_max);
    std::optional<AllocateResponse> response;
    for (int round = 0; round < rounds_max; ++round) {
      AllocateRequest request = cluster.next_request();
      cluster.release_all(request.changes, end);
      response = call(allocator, request, cluster);
      if (!response || response->allocations.empty()) break;
    }
    for (int i = 0; i < rounds_max && response && response->next_deadline; ++i) {
      cluster.jump_to(*response->next_deadline - tick);
      response = call(allocator, cluster.next_request(), cluster);
    }
    cluster.jump_to(std::max(end, cluster.now()));
    cluster.expect_nothing_left();
  }

  // A fresh instance takes over in one call.
  void rebuild(Cluster& cluster) {
    const auto fresh = make_();
    call(*fresh, cluster.whole(), cluster);
    AllocateRequest request = cluster.next_request();
    cluster.release_all(request.changes, std::nullopt);
    call(*fresh, request, cluster);
  }

  const Maker<Allocator>& make_;
};

}  // namespace

Violations allocator_violations(const Maker<Allocator>& make) {
  Suite suite(make);
  suite.idle();
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) suite.run(seed);
  return {suite.violations.begin(), suite.violations.end()};
}

}  // namespace mesolite::testing

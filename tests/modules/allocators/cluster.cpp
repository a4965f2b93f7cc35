#include "tests/modules/allocators/cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mesolite {
namespace {

template <class Map, class Handle>
std::string name_of(const Map& map, Handle handle) {
  for (const auto& [name, state] : map) {
    if (state.handle == handle) return name;
  }
  return "?";
}

template <class State>
State& told(std::vector<State>& states, const State& state) {
  const auto place = std::find_if(states.begin(), states.end(),
                                  [&](const State& each) { return each.handle == state.handle; });
  if (place != states.end()) return *place = state;
  return states.emplace_back(state);
}

}  // namespace

Cluster::Cluster(std::unique_ptr<Allocator> allocator) : allocator_(std::move(allocator)) {
  request_.now = Time(1000s);
  settings().minimum_allocatable = {*Resources::parse("cpus:0.01"), *Resources::parse("mem:32")};
}

AllocatorSettings& Cluster::settings() {
  if (!request_.changes.settings) request_.changes.settings.emplace();
  return *request_.changes.settings;
}

RoleState& Cluster::role(const std::string& name, double weight) {
  RoleState& state = roles_[name];
  if (state.handle.empty()) state.handle = {roles_.size()};
  state.name = name;
  state.weight = weight;
  return told(request_.changes.roles, state);
}

void Cluster::quota(const std::string& name, const std::string& resources) {
  RoleState& state = role(name);
  state.guarantee = Resources::parse(resources).value();
  state.limit = state.guarantee;
}

void Cluster::hold(const std::string& framework_name, const std::string& role_name,
                   const std::string& agent_name, const std::string& resources) {
  const Holding holding{frameworks_.at(framework_name).handle, handle_of(role_name),
                        agents_.at(agent_name).handle, Resources::parse(resources).value()};
  held_.push_back(holding);
  request_.changes.held.push_back(holding);
}

RoleHandle Cluster::handle_of(const std::string& role_name) {
  if (!roles_.contains(role_name)) role(role_name);
  return roles_.at(role_name).handle;
}

AgentState& Cluster::agent(const std::string& name, const std::string& resources) {
  AgentState& state = agents_[name];
  if (state.handle.empty()) {
    state.handle = {agents_.size()};
    ++agents_there_;
  }
  state.id = AgentId(name);
  state.hostname = name + ".example.org";
  state.total = Resources::parse(resources).value();
  return told(request_.changes.agents, state);
}

FrameworkState& Cluster::framework(const std::string& name,
                                   const std::vector<std::string>& role_names) {
  FrameworkState& state = frameworks_[name];
  if (state.handle.empty()) state.handle = {frameworks_.size()};
  state.id = FrameworkId(name);
  state.name = name;
  state.roles.clear();
  for (const std::string& each : role_names) state.roles.push_back(handle_of(each));
  return told(request_.changes.frameworks, state);
}

void Cluster::remove_agent(const std::string& name) {
  const AgentHandle handle = agents_.at(name).handle;
  std::erase_if(held_, [&](const Holding& holding) { return holding.agent == handle; });
  request_.changes.agents_removed.push_back(handle);
  --agents_there_;
}

void Cluster::interest(const std::string& framework_name, const std::string& role_name,
                       bool wanted) {
  request_.changes.interests.push_back(
      {frameworks_.at(framework_name).handle, {handle_of(role_name)}, wanted});
}

void Cluster::release(const std::string& framework_name, const std::string& agent_name,
                      Duration refuse, const std::string& part) {
  const auto place = std::find_if(held_.rbegin(), held_.rend(), [&](const Holding& holding) {
    return holding.framework == frameworks_.at(framework_name).handle &&
           holding.agent == agents_.at(agent_name).handle;
  });
  ASSERT_NE(place, held_.rend()) << framework_name << " holds nothing of " << agent_name;
  Release released{*place, std::nullopt};
  if (!part.empty()) released.holding.resources = Resources::parse(part).value();
  if (refuse > 0s) released.refused_until = request_.now + refuse;
  place->resources -= released.holding.resources;
  if (place->resources.empty()) held_.erase(std::next(place).base());
  request_.changes.released.push_back(released);
}

std::vector<Holding> Cluster::call() {
  const auto response = allocator_->allocate(request_);
  request_.changes = {};
  request_.everything = false;
  EXPECT_TRUE(response) << response.error().message;
  if (!response) return {};
  deadline_ = response->next_deadline;
  held_.insert(held_.end(), response->allocations.begin(), response->allocations.end());
  return response->allocations;
}

std::vector<std::string> Cluster::offers() {
  std::vector<std::string> lines;
  for (const Holding& holding : call()) {
    lines.push_back(name_of(agents_, holding.agent) + " -> " +
                    name_of(frameworks_, holding.framework));
  }
  return lines;
}

std::vector<std::string> Cluster::full_offers() {
  std::vector<std::string> lines;
  for (const Holding& holding : call()) {
    lines.push_back(name_of(agents_, holding.agent) + " -> " +
                    name_of(frameworks_, holding.framework) + " " + name_of(roles_, holding.role) +
                    ": " + holding.resources.to_text());
  }
  return lines;
}

std::vector<std::string> Cluster::explain(const std::string& framework_name,
                                          const std::string& wants) {
  ExplainRequest request;
  request.now = request_.now;
  request.framework = frameworks_.at(framework_name).handle;
  request.wants = Resources::parse(wants).value();
  const auto answer = allocator_->explain(request);
  EXPECT_TRUE(answer) << answer.error().message;
  std::vector<std::string> lines;
  if (!answer) return lines;
  for (const RoleExplanation& role : answer->roles) {
    std::uint64_t agents = 0;
    for (const ExplainReason& reason : role.reasons) {
      lines.push_back(std::to_string(reason.agents) + " " + reason.text);
      agents += reason.agents;
    }
    EXPECT_EQ(agents, agents_there_) << "each agent has one reason";
  }
  return lines;
}

std::optional<Duration> Cluster::until_deadline() const {
  return deadline_ ? std::optional(*deadline_ - request_.now) : std::nullopt;
}

}  // namespace mesolite

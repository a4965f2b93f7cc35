#include "tests/bench/master/allocator_cluster.hpp"

#include <time.h>

#include <stdexcept>
#include <utility>

#include "sdk/src/module/loader.hpp"

namespace mesolite::bench {
namespace {

std::unique_ptr<Allocator> load(const std::string& name, Host& host) {
  const ModulePaths paths = installed_module_paths();
  const ModuleLoader loader{PreflightSettings{paths.preflight}};
  auto allocator = loader.load<Allocator>(paths.modules / (name + ".so"), {}, host);
  if (!allocator) throw std::runtime_error(allocator.error().message);
  return std::move(*allocator);
}

// "*" alone; or "r1", "r1/below", "r3", "r3/below", …
std::string role_name(std::size_t index, std::size_t roles) {
  if (roles == 1) return "*";
  const bool below = index % 2 != 0;
  return "r" + std::to_string(below ? index - 1 : index) + (below ? "/below" : "");
}

// Of this thread: nothing here waits, and what other processes do at the time does not count.
Duration processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

AllocatorCluster::AllocatorCluster(const std::string& allocator, const Shape& shape)
    : allocator_(load(allocator, host_)) {
  request_.now = Time(1h);
  AllocatorChanges& changes = request_.changes;
  changes.settings.emplace().minimum_allocatable = {*Resources::parse("cpus:0.01"),
                                                    *Resources::parse("mem:32")};
  for (std::size_t i = 0; i < shape.roles; ++i) {
    RoleState role;
    role.handle = {i + 1};
    role.name = role_name(i, shape.roles);
    changes.roles.push_back(std::move(role));
  }
  const Resources total = *Resources::parse(shape.agent_resources);
  free_.assign(shape.agents + 1, total);
  for (std::size_t i = 1; i <= shape.agents; ++i) {
    AgentState agent;
    agent.handle = {i};
    agent.id = AgentId("bench-A" + std::to_string(i));
    agent.hostname = "agent" + std::to_string(i) + ".example.org";
    agent.total = total;
    changes.agents.push_back(std::move(agent));
  }
  for (std::size_t i = 1; i <= shape.frameworks; ++i) {
    FrameworkState framework;
    framework.handle = {i};
    framework.id = FrameworkId("bench-F" + std::to_string(i));
    framework.name = "framework" + std::to_string(i);
    framework.roles = {RoleHandle{i % shape.roles + 1}};
    framework.suppressed_roles = framework.roles;
    frameworks_.push_back(framework);
    changes.frameworks.push_back(std::move(framework));
  }
  call();
}

void AllocatorCluster::want(std::size_t first, std::size_t last, bool wanted) {
  for (std::size_t i = first; i < last; ++i) {
    request_.changes.interests.push_back({frameworks_[i].handle, frameworks_[i].roles, wanted});
  }
}

void AllocatorCluster::add_framework() {
  FrameworkState framework;
  framework.handle = {frameworks_.size() + 1};
  framework.id = FrameworkId("bench-F" + std::to_string(framework.handle.value));
  framework.roles = {RoleHandle{1}};
  frameworks_.push_back(framework);
  request_.changes.frameworks.push_back(std::move(framework));
}

void AllocatorCluster::release_last(bool refused) {
  for (Holding& holding : std::exchange(last_, {})) unbook(std::move(holding), refused);
}

void AllocatorCluster::release_one(std::size_t holding) {
  unbook(last_[holding], false);
}

void AllocatorCluster::unbook(Holding holding, bool refused) {
  free_[holding.agent.value] += holding.resources;
  Release& release = request_.changes.released.emplace_back();
  release.holding = std::move(holding);
  if (refused) release.refused_until = request_.now + 24h;
}

void AllocatorCluster::book(const Holding& holding) {
  Resources& free = free_.at(holding.agent.value);
  if (!free.contains(holding.resources)) throw std::runtime_error("something is given away twice");
  free -= holding.resources;
}

Duration AllocatorCluster::call() {
  const Duration begun = processor_time();
  auto response = allocator_->allocate(request_);
  if (!response) throw std::runtime_error(response.error().message);
  for (const Holding& holding : response->allocations) book(holding);
  last_ = std::move(response->allocations);
  const Duration taken = processor_time() - begun;
  request_.changes = {};
  request_.everything = false;
  request_.now += 1ms;
  return taken;
}

}  // namespace mesolite::bench

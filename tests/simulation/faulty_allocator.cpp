#include "tests/simulation/faulty_allocator.hpp"

#include <algorithm>

namespace mesolite::simulation {

Result<AllocateResponse> FaultyAllocator::allocate(const AllocateRequest& request) {
  const AllocatorTorments& torments = around_.scenario.allocator;
  if (around_.chance(torments.fails)) return failure("the module threw");
  AllocateRequest sane = request;
  forget_lies(sane.changes);
  Result<AllocateResponse> response = allocator_->allocate(sane);
  if (!response) {
    around_.witness.accuse("the allocator says: " + response.error().message);
    return response;
  }
  informed_ = true;
  ledger_.told(sane.changes);
  ledger_.answered(*response);
  if (!ledger_.problem().empty()) around_.witness.accuse(ledger_.problem());
  if (around_.chance(torments.lies)) lie(*response);
  return response;
}

// For each role there is a reason, and each says something.
Result<ExplainAnswer> FaultyAllocator::explain(const ExplainRequest& request) {
  Result<ExplainAnswer> answer = allocator_->explain(request);
  if (!answer) return answer;
  for (const RoleExplanation& role : answer->roles) {
    const bool silent =
        std::any_of(role.reasons.begin(), role.reasons.end(),
                    [](const ExplainReason& reason) { return reason.text.empty(); });
    if (role.reasons.empty() || silent) around_.witness.accuse("an explanation says nothing");
  }
  return answer;
}

void FaultyAllocator::forget_lies(AllocatorChanges& changes) {
  for (Release& release : changes.released) {
    // It may have been put together with what was truly given.
    std::erase_if(lies_, [&](const Holding& lie) {
      Holding& said = release.holding;
      const bool same = lie.agent == said.agent && lie.framework == said.framework &&
                        lie.role == said.role && said.resources.contains(lie.resources);
      if (same) said.resources -= lie.resources;
      return same;
    });
  }
  std::erase_if(changes.released,
                [](const Release& release) { return release.holding.resources.empty(); });
  for (const AgentHandle agent : changes.agents_removed) {
    std::erase_if(lies_, [&](const Holding& lie) { return lie.agent == agent; });
  }
}

void FaultyAllocator::lie(AllocateResponse& response) {
  if (response.allocations.empty()) return;
  Holding lie = response.allocations[around_.random.below(response.allocations.size())];
  // Amounts only: of sets, what is told of the lie and of the truth could not be told apart.
  lie.resources = *Resources::parse("cpus:7777;mem:7777");
  lies_.push_back(lie);
  response.allocations.push_back(std::move(lie));
}

}  // namespace mesolite::simulation

#include "hierarchical.hpp"

namespace mesolite::hierarchical {

Result<AllocateResponse> HierarchicalAllocator::allocate(const AllocateRequest& request) {
  for (const std::string& problem : ledger_.apply(request)) host_.log(Severity::warning, problem);
  tree_.follow(ledger_, ledger_.take_news());

  AllocateResponse response;
  ledger_.take_touched().for_each(
      [&](Ledger::Index agent) { offer_agent(agent, response.allocations); });
  ledger_.take_news();  // of our own allocations, which the tree has been told of already
  response.next_deadline = ledger_.next_deadline();
  return response;
}

void HierarchicalAllocator::offer_agent(Ledger::Index agent, std::vector<Holding>& allocations) {
  ledger_.candidates(agent, candidates_);
  while (ledger_.offerable(agent)) {
    const auto client = tree_.pick(candidates_);
    if (!client) return;
    candidates_.erase(*client);  // one offer of an agent to each, in a pass
    const Resources part = ledger_.offer(agent, *client);
    if (part.empty()) continue;
    allocations.push_back(ledger_.allocate(agent, *client, part));
    tree_.charge(ledger_, *client, part);
  }
}

}  // namespace mesolite::hierarchical

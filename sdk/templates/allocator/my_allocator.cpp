#include "my_allocator.hpp"

using mesolite::AllocateRequest;
using mesolite::AllocateResponse;
using mesolite::IndexSet;
using mesolite::Ledger;
using mesolite::Resources;

mesolite::Result<AllocateResponse> MyAllocator::allocate(const AllocateRequest& request) {
  for (const std::string& problem : ledger_.apply(request)) {
    host_.log(mesolite::Severity::warning, problem);
  }
  last_turn_.resize(ledger_.clients_size());

  AllocateResponse response;
  ledger_.take_touched().for_each([&](Ledger::Index agent) {
    // More than one may get something: what is reserved to one role is left by another.
    while (const auto client = next_client(agent)) {
      last_turn_[*client] = ++turn_;
      const Resources part = ledger_.offer(agent, *client);
      if (parameters_.log_offers) host_.log(mesolite::Severity::debug, part.to_text());
      response.allocations.push_back(ledger_.allocate(agent, *client, part));
    }
  });
  response.next_deadline = ledger_.next_deadline();
  return response;
}

std::optional<Ledger::Index> MyAllocator::next_client(Ledger::Index agent) {
  IndexSet candidates;
  ledger_.candidates(agent, candidates);
  std::optional<Ledger::Index> best;
  candidates.for_each([&](Ledger::Index client) {
    if (ledger_.offer(agent, client).empty()) return;
    if (!best || last_turn_[client] < last_turn_[*best]) best = client;
  });
  return best;
}

#include "my_allocator.hpp"

std::optional<MyAllocator::Index> MyAllocator::pick(Index, const mesolite::IndexSet& candidates) {
  last_turn_.resize(ledger_.clients_size());
  std::optional<Index> best;
  candidates.for_each([&](Index client) {
    if (!best || last_turn_[client] < last_turn_[*best]) best = client;
  });
  return best;
}

void MyAllocator::given(Index client, const mesolite::Resources& part) {
  last_turn_[client] = ++turn_;
  if (parameters_.log_offers) host_.log(mesolite::Severity::debug, part.to_text());
}

#include "fifo.hpp"

namespace mesolite::fifo {

std::optional<FifoAllocator::Index> FifoAllocator::pick(Index, const IndexSet& candidates) {
  return order_.best([&](Index client) { return candidates.contains(client); });
}

void FifoAllocator::follow(const Ledger::News& news) {
  news.roles.for_each([&](Index role) {
    ledger_.role(role).clients.for_each([&](Index client) { follow_client(client); });
  });
  news.clients.for_each([&](Index client) { follow_client(client); });
}

void FifoAllocator::follow_client(Index index) {
  const Ledger::Client& client = ledger_.client(index);
  if (!client.exists) return order_.remove(index);
  const RoleState& role = ledger_.role(client.role).state;
  order_.set(index, {-priority_of(role.name),
                     ledger_.framework(client.framework).state.handle.value, role.handle.value});
}

// That of the nearest role above, or of itself, that has one.
std::int64_t FifoAllocator::priority_of(std::string_view role) const {
  for (;;) {
    const auto place = parameters_.priorities.find(std::string(role));
    if (place != parameters_.priorities.end()) return place->second;
    const std::size_t slash = role.rfind('/');
    if (slash == std::string_view::npos) return 0;
    role = role.substr(0, slash);
  }
}

}  // namespace mesolite::fifo

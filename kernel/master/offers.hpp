// Offers: what is in the hands of schedulers, and the ways back: accepted, declined, rescinded,
// timed out. Each offer is used once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "kernel/master/records.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::master {

class Offers {
 public:
  OfferRecord* find(OfferId id) const;
  std::size_t size() const { return table_.size(); }
  // Oldest first: all offers live equally long, so the first is the next to time out.
  const List<OfferRecord, &OfferRecord::in_all>& in_order() const { return order_; }

  OfferRecord& add();
  // REQUIRES: it is in no list of an agent or framework any more.
  void remove(OfferRecord& offer);

 private:
  std::unordered_map<OfferId, std::unique_ptr<OfferRecord>> table_;
  List<OfferRecord, &OfferRecord::in_all> order_;
  std::uint64_t last_id_ = 0;
};

// ---- transitions
// ---------------------------------------------------------------------------------

class State;

// Puts free resources of the agent into the framework's hands. REQUIRES: they are free, and the
// allocator knows that they are held.
void make_offer(State& state, Framework& framework, Agent& agent, RoleHandle role,
                Resources resources);
// Takes an offer off the books. What it held is the caller's to use or to release.
Resources take_offer(State& state, OfferRecord& offer);
// Takes it back for others; not to be offered to the same framework before `refused_until`.
void return_offer(State& state, OfferRecord& offer, std::optional<Time> refused_until);
// The same, and tells the framework why.
void rescind_offer(State& state, OfferRecord& offer, const std::string& reason);
void expire_offers(State& state);
std::optional<Time> next_offer_expiry(const State& state);

void decline_offers(State& state, Framework& framework, const Decline& request);
// accept.cpp
void accept_offers(State& state, Framework& framework, Accept request);

// Until when `filters` keeps resources away from now on; none if not at all. At most a year; what
// makes no sense counts as the default.
std::optional<Time> refused_until(const State& state, const Filters& filters);

}  // namespace mesolite::master

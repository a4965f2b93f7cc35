#include "kernel/master/offers.hpp"

#include <algorithm>

#include "kernel/master/state.hpp"

namespace mesolite::master {

namespace {

constexpr Duration refuse_duration_max = 365 * 24h;

}  // namespace

OfferRecord* Offers::find(OfferId id) const {
  const auto found = table_.find(id);
  return found == table_.end() ? nullptr : found->second.get();
}

OfferRecord& Offers::add() {
  auto record = std::make_unique<OfferRecord>();
  OfferRecord& offer = *record;
  offer.id = OfferId{++last_id_};
  table_.emplace(offer.id, std::move(record));
  order_.push_back(offer);
  return offer;
}

void Offers::remove(OfferRecord& offer) {
  order_.remove(offer);
  table_.erase(offer.id);
}

// ---- out
// -----------------------------------------------------------------------------------------

namespace {

std::vector<ExecutorId> executors_of(const Agent& agent, const Framework& framework) {
  std::vector<ExecutorId> ids;
  auto entry = agent.executors.lower_bound(ExecutorKey(framework.handle, ExecutorId{}));
  for (; entry != agent.executors.end() && entry->first.first == framework.handle; ++entry) {
    ids.push_back(entry->first.second);
  }
  return ids;
}

void announce(State& state, const OfferRecord& record) {
  Peer* peer = state.peers.find(record.framework->peer);
  MESOLITE_CHECK(peer != nullptr, "only a connected framework is made offers");
  const AgentInfo& info = record.agent->info;
  Offer offer;
  offer.id = record.id;
  offer.agent_id = info.id;
  offer.hostname = info.hostname;
  offer.agent_bus = info.bus;
  offer.role = state.roles[record.role].name;
  offer.resources = record.resources;
  offer.attributes = info.attributes;
  offer.executor_ids = executors_of(*record.agent, *record.framework);
  const auto fits = [](const mesolite::Offers& last) {
    return last.offers.size() < gathered_items_max;
  };
  state.peers.gather<mesolite::Offers>(*peer, fits).offers.push_back(std::move(offer));
}

}  // namespace

void make_offer(State& state, Framework& framework, Agent& agent, RoleHandle role,
                Resources resources) {
  OfferRecord& offer = state.offers.add();
  offer.framework = &framework;
  offer.agent = &agent;
  offer.role = role;
  offer.resources = std::move(resources);
  offer.made_at = state.now;
  framework.offers.push_back(offer);
  agent.offers.push_back(offer);
  agent.offered += offer.resources;
  ++state.counters.offers_made;
  announce(state, offer);
}

// ---- back
// ----------------------------------------------------------------------------------------

Resources take_offer(State& state, OfferRecord& offer) {
  offer.agent->offered -= offer.resources;
  offer.framework->offers.remove(offer);
  offer.agent->offers.remove(offer);
  Resources resources = std::move(offer.resources);
  state.offers.remove(offer);
  return resources;
}

void return_offer(State& state, OfferRecord& offer, std::optional<Time> until) {
  Holding holding{offer.framework->handle, offer.role, offer.agent->handle, {}};
  holding.resources = take_offer(state, offer);
  state.allocation.released(std::move(holding), until);
}

namespace {

void tell_of_rescind(State& state, const OfferRecord& offer, const std::string& reason) {
  ++state.counters.offers_rescinded;
  if (Peer* peer = state.peers.find(offer.framework->peer)) {
    const auto fits = [&](const RescindOffers& last) {
      return last.offers.size() < gathered_items_max && last.reason == reason;
    };
    RescindOffers& message = state.peers.gather<RescindOffers>(*peer, fits);
    message.offers.push_back(offer.id);
    message.reason = reason;
  }
}

}  // namespace

void rescind_offer(State& state, OfferRecord& offer, const std::string& reason) {
  tell_of_rescind(state, offer, reason);
  return_offer(state, offer, std::nullopt);
}

std::optional<Time> next_offer_expiry(const State& state) {
  const OfferRecord* oldest = state.offers.in_order().front();
  if (oldest == nullptr) return std::nullopt;
  return after(oldest->made_at, state.configuration.offer_timeout);
}

void expire_offers(State& state) {
  while (true) {
    const std::optional<Time> expiry = next_offer_expiry(state);
    if (!expiry || *expiry > state.now) return;
    OfferRecord& offer = *state.offers.in_order().front();
    note(state, Severity::debug, "offer_timed_out",
         {{"offer", std::to_string(offer.id.value)},
          {"framework", offer.framework->info.id.value},
          {"agent", offer.agent->info.id.value}});
    tell_of_rescind(state, offer,
                    "not answered within " + to_text(state.configuration.offer_timeout));
    // As if declined: who does not answer shall not get it back before others were asked.
    return_offer(state, offer, refused_until(state, Filters{}));
  }
}

// ---- declined
// ------------------------------------------------------------------------------------

std::optional<Time> refused_until(const State& state, const Filters& filters) {
  Duration wait = filters.refuse_duration;
  if (wait < Duration::zero()) wait = default_refuse_duration;
  if (wait == Duration::zero()) return std::nullopt;
  return after(state.now, std::min(wait, refuse_duration_max));
}

void decline_offers(State& state, Framework& framework, const Decline& request) {
  const std::optional<Time> until = refused_until(state, request.filters);
  for (std::size_t i = 0; i < request.offers.size(); ++i) {
    OfferRecord* offer = state.offers.find(request.offers[i]);
    if (offer == nullptr || offer->framework != &framework) {
      refuse_request(state, framework, "Decline",
                     "offers[" + std::to_string(i) +
                         "]: " + std::to_string(request.offers[i].value) +
                         " is not, or is no longer, an offer to this framework");
      continue;
    }
    ++state.counters.offers_declined;
    return_offer(state, *offer, until);
  }
}

}  // namespace mesolite::master

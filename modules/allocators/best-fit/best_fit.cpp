#include "best_fit.hpp"

#include <algorithm>

namespace mesolite::best_fit {
namespace {

constexpr double does_not_fit = 2;

// The part of the agent that is free, in the resource of which the least is.
double free_part(const Ledger::Agent& agent) {
  double part = 1;
  for (std::size_t i = 0; i < scalar_count; ++i) {
    const std::int64_t total = agent.state.total.plain()[i];
    if (total <= 0) continue;
    part = std::min(part, static_cast<double>(agent.free.plain()[i]) / static_cast<double>(total));
  }
  return part;
}

}  // namespace

Result<std::unique_ptr<BestFitAllocator>> BestFitAllocator::create(const Parameters& parameters,
                                                                   Host& host) {
  if (parameters.choices < 1) {
    return failure("parameter 'choices' is " + std::to_string(parameters.choices) +
                   " and should be at least 1");
  }
  return std::make_unique<BestFitAllocator>(parameters, host);
}

void BestFitAllocator::observe(const AllocateRequest& request) {
  request_ = &request;
}

void BestFitAllocator::follow(const Ledger::News& news) {
  need_.resize(ledger_.clients_size());
  if (news.totals) {
    for (Index client = 0; client < ledger_.clients_size(); ++client) follow_client(client);
  }
  news.clients.for_each([&](Index client) { follow_client(client); });
  follow_needs();
}

void BestFitAllocator::follow_client(Index index) {
  const Ledger::Client& client = ledger_.client(index);
  if (!client.exists) {
    need_[index].reset();
    return order_.remove(index);
  }
  const auto counts = [&](std::string_view name) { return ledger_.counts(name); };
  const double share = dominant_share(client.held, ledger_.total(), counts) /
                       ledger_.tree()[ledger_.role(client.role).node].weight;
  order_.set(index, {share, ledger_.framework(client.framework).state.handle.value, client.role});
}

// Who gives back a part of an offer shows what it needs of an agent: what it keeps.
void BestFitAllocator::follow_needs() {
  for (const Release& release : request_->changes.released) {
    const Holding& holding = release.holding;
    const auto agent = ledger_.find_agent(holding.agent);
    const auto client = ledger_.find_client(holding.framework, holding.role);
    if (!agent || !client) continue;
    for (const Ledger::Part& part : ledger_.agent(*agent).parts) {
      if (part.client == *client) need_[*client] = Quantities(part.resources);
    }
  }
}

void BestFitAllocator::given(Index client, const Resources&) {
  follow_client(client);
}

// The fullest first: what is launched on them leaves the others whole.
void BestFitAllocator::arrange(std::vector<Index>& agents) {
  fullness_.clear();
  for (const Index agent : agents) fullness_.emplace_back(free_part(ledger_.agent(agent)), agent);
  std::sort(fullness_.begin(), fullness_.end());
  std::transform(fullness_.begin(), fullness_.end(), agents.begin(),
                 [](const auto& entry) { return entry.second; });
}

std::optional<BestFitAllocator::Index> BestFitAllocator::pick(Index agent,
                                                              const IndexSet& candidates) {
  IndexSet left = candidates;
  std::optional<Index> best;
  double least = 0;
  for (std::int64_t i = 0; i < parameters_.choices; ++i) {
    const auto next = order_.best([&](Index client) { return left.contains(client); });
    if (!next) break;
    left.erase(*next);
    const double score = waste(agent, *next);
    if (best && score >= least) continue;  // a lower share goes before
    best = next;
    least = score;
  }
  return best;
}

// The mean part of the agent that stays unused when the client takes what it needs; all that is
// free when that is not known.
double BestFitAllocator::waste(Index index, Index client) const {
  const Ledger::Agent& agent = ledger_.agent(index);
  double sum = 0;
  int counted = 0;
  for (std::size_t i = 0; i < scalar_count; ++i) {
    const std::int64_t total = agent.state.total.plain()[i];
    if (total <= 0) continue;
    const std::int64_t need = need_[client] ? need_[client]->plain()[i] : 0;
    if (need > agent.free.plain()[i]) return does_not_fit;
    sum += static_cast<double>(agent.free.plain()[i] - need) / static_cast<double>(total);
    ++counted;
  }
  return counted == 0 ? 0 : sum / counted;
}

}  // namespace mesolite::best_fit

#include "kernel/master/access.hpp"

#include "kernel/master/state.hpp"

namespace mesolite::master {

using authorization::Action;

std::string_view proven_principal(const Peer& peer) {
  const bool proved = peer.phase == PeerPhase::welcome && peer.mechanism != "none";
  return proved ? std::string_view(peer.principal) : std::string_view();
}

std::string refusal(State& state, const Peer& peer, Action action, std::string_view object) {
  const authorization::Acls& acls = state.configuration.acls;
  const bool frequent = authorization::info_of(action).recorded == authorization::Recorded::denials;
  if (frequent && acls.allows_all(action)) return "";
  authorization::Decision decision = acls.decide(proven_principal(peer), action, object);
  std::string denial = decision.denial;
  if (authorization::is_recorded(action, decision)) {
    state.outbox->emplace_back(std::move(decision));
  }
  return denial;
}

std::string refusal(State& state, const Framework& framework, Action action,
                    std::string_view object) {
  return refusal(state, *state.peers.find(framework.peer), action, object);
}

void record_refusal(State& state, const Peer& peer, const std::string& reason) {
  const bool inside = peer.phase == PeerPhase::welcome;
  authorization::Decision decision;
  decision.principal = inside ? std::string(proven_principal(peer)) : peer.principal;
  decision.action = inside ? "speak" : "connect";
  decision.object = to_text(peer.role);
  decision.denial = reason;
  state.outbox->emplace_back(std::move(decision));
}

}  // namespace mesolite::master

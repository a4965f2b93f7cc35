#include "kernel/agent/peers.hpp"

#include <utility>

#include "kernel/agent/executors.hpp"
#include "kernel/agent/master_link.hpp"
#include "kernel/agent/sandboxes.hpp"
#include "kernel/agent/updates.hpp"

namespace mesolite::agent {
namespace {

// A peer that is turned away is not remembered; what it still says is refused again.
void refuse(State& state, PeerId id, std::string reason) {
  note(state, Severity::warning, "peer_refused",
       {{"peer", std::to_string(id.value)}, {"reason", reason}});
  const auto known = state.peers.find(id);
  authorization::Decision decision;
  decision.action = "connect";
  decision.denial = reason;
  if (known != state.peers.end()) {
    decision.principal = known->second.principal;
    decision.object = to_text(known->second.role);
    if (known->second.phase == PeerPhase::welcome) decision.action = "speak";
  }
  emit(state, std::move(decision));
  emit(state, SendToPeer{id, Refused{std::move(reason), ""}});
  emit(state, DisconnectPeer{id});
}

void authenticate(State& state, PeerId id, Peer& peer, std::string claimed, Bytes data) {
  peer.phase = PeerPhase::authenticating;
  emit(state, AuthenticatePeer{id, {id.value, std::move(claimed), std::move(data), {}}});
}

void welcome(State& state, PeerId id, Peer& peer, std::string principal) {
  peer.phase = PeerPhase::welcome;
  peer.principal = std::move(principal);
  emit(state, SendToPeer{id, Welcome{peer.principal, state.link.master}});
}

// An executor proves with its token who it is.
bool has_to_prove(const State& state, PeerRole role) {
  return role == PeerRole::operator_client && state.configuration.reader_mechanism != "none";
}

void greeted(State& state, PeerId id, Hello hello) {
  if (state.peers.contains(id)) return refuse(state, id, "Hello came twice");
  if (hello.role != PeerRole::executor && hello.role != PeerRole::operator_client) {
    return refuse(state, id, "an agent serves executors and readers of sandboxes only");
  }
  const bool proves = has_to_prove(state, hello.role);
  if (proves && hello.mechanism != state.configuration.reader_mechanism) {
    return refuse(state, id, "an agent knows no authenticator '" + hello.mechanism + "'");
  }
  if (state.peers.size() >= state.configuration.peers_max) {
    return refuse(state, id,
                  "the agent has " + std::to_string(state.configuration.peers_max) +
                      " connections already (peers_max)");
  }
  Peer& peer = state.peers[id];
  peer.role = hello.role;
  // Whatever proof a reader offers here, nobody asks for it: it is nobody in particular.
  if (!proves) return welcome(state, id, peer, "");
  peer.principal = hello.principal;
  authenticate(state, id, peer, std::move(hello.principal), std::move(hello.data));
}

void registers(State& state, PeerId id, Peer& peer, RegisterExecutor request) {
  if (peer.role != PeerRole::executor || peer.executor != nullptr) {
    return refuse(state, id, "this connection is not that of a new executor");
  }
  const Status registered = register_executor(state, id, std::move(request));
  if (!registered) return refuse(state, id, registered.error().message);
  peer.registered_before = true;
}

void from_executor(State& state, Executor& executor, Message message) {
  if (auto* updates = std::get_if<ExecutorUpdates>(&message)) {
    return take_executor_updates(state, executor, std::move(updates->updates));
  }
  auto& data = std::get<ExecutorData>(message);
  send_to_master(
      state, ExecutorMessage{executor.framework->info.id, executor.info.id, std::move(data.data)});
}

}  // namespace

void received_from_peer(State& state, PeerId id, Message message) {
  if (auto* hello = std::get_if<Hello>(&message)) return greeted(state, id, std::move(*hello));
  const auto known = state.peers.find(id);
  if (known == state.peers.end()) return refuse(state, id, "the first message is Hello");
  Peer& peer = known->second;
  auto* response = std::get_if<ChallengeResponse>(&message);
  if (response != nullptr && peer.phase == PeerPhase::challenged) {
    return authenticate(state, id, peer, "", std::move(response->data));
  }
  if (peer.phase != PeerPhase::welcome)
    return refuse(state, id, "what comes next waits for Welcome");
  if (auto* request = std::get_if<RegisterExecutor>(&message)) {
    return registers(state, id, peer, std::move(*request));
  }
  const auto* request = std::get_if<ReadSandbox>(&message);
  if (request != nullptr && peer.role == PeerRole::operator_client) {
    return read_sandbox(state, id, peer.principal, *request);
  }
  const bool of_executor = std::holds_alternative<ExecutorUpdates>(message) ||
                           std::holds_alternative<ExecutorData>(message);
  if (of_executor && peer.registered_before) {
    // One that was just ended may still have something to say.
    if (peer.executor != nullptr) from_executor(state, *peer.executor, std::move(message));
    return;
  }
  if (std::holds_alternative<Pong>(message)) return;
  refuse(state, id,
         "an agent takes no " + std::string(message_name(message)) + " from this " +
             std::string(to_text(peer.role)));
}

void peer_authenticated(State& state, PeerAuthenticated& input) {
  const auto known = state.peers.find(input.peer);
  if (known == state.peers.end() || known->second.phase != PeerPhase::authenticating) return;
  Peer& peer = known->second;
  if (!input.answer) {
    note(state, Severity::error, "authenticator_failed", {{"error", input.answer.error().message}});
    return refuse(state, input.peer, "the authenticator failed");
  }
  AuthenticationAnswer& answer = *input.answer;
  if (answer.state == AuthenticationState::accepted) {
    return welcome(state, input.peer, peer, std::move(answer.principal));
  }
  if (answer.state == AuthenticationState::proceed) {
    peer.phase = PeerPhase::challenged;
    return emit(state, SendToPeer{input.peer, Challenge{std::move(answer.data)}});
  }
  // Why exactly is for our log alone: an attacker learns nothing.
  note(state, Severity::warning, "authentication_refused",
       {{"principal", peer.principal}, {"reason", answer.reason}});
  refuse(state, input.peer, "authentication of '" + peer.principal + "' was refused");
}

void peer_lost(State& state, PeerId id) {
  const auto known = state.peers.find(id);
  if (known == state.peers.end()) return;
  Executor* executor = known->second.executor;
  state.peers.erase(known);
  if (executor != nullptr) executor_disconnected(state, *executor);
}

}  // namespace mesolite::agent

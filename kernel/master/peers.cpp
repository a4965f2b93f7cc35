#include "kernel/master/peers.hpp"

#include "kernel/master/access.hpp"
#include "kernel/master/agents.hpp"
#include "kernel/master/frameworks.hpp"
#include "kernel/master/state.hpp"
#include "kernel/master/validation.hpp"

namespace mesolite::master {

Peer* Peers::find(PeerId id) const {
  const auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : found->second.get();
}

Peer& Peers::add(PeerId id) {
  std::unique_ptr<Peer>& peer = peers_[id];
  MESOLITE_CHECK(peer == nullptr, "a peer is added once");
  peer = std::make_unique<Peer>();
  peer->id = id;
  return *peer;
}

void Peers::remove(PeerId id) {
  peers_.erase(id);
}

void Peers::address(const Peer& peer) {
  if (peer.pending.empty() && !peer.disconnect_pending) addressed_.push_back(peer.id);
}

void Peers::send(Peer& peer, Message message) {
  if (peer.phase == PeerPhase::ended) return;
  address(peer);
  peer.pending.push_back(std::move(message));
}

void Peers::cut(Peer& peer) {
  if (peer.phase == PeerPhase::ended) return;
  address(peer);
  peer.disconnect_pending = true;
  peer.phase = PeerPhase::ended;
}

void Peers::flush(Outbox& outbox) {
  for (const PeerId id : addressed_) {
    Peer* peer = find(id);
    if (peer == nullptr) continue;
    for (Message& message : peer->pending) outbox.emplace_back(Send{id, std::move(message)});
    peer->pending.clear();
    if (peer->disconnect_pending) outbox.emplace_back(Disconnect{id});
    peer->disconnect_pending = false;
  }
  addressed_.clear();
}

// ---- greeting
// ------------------------------------------------------------------------------------

namespace {

void set_deadline(State& state, Peer& peer, Duration wait) {
  peer.deadline = after(state.now, wait);
  state.deadlines.add({peer.deadline, DeadlineKind::peer, peer.id.value});
}

Duration ping_interval(const State& state, const Peer& peer) {
  return peer.role == PeerRole::agent ? state.configuration.agent_ping_timeout
                                      : state.configuration.framework_ping_interval;
}

bool known_mechanism(const State& state, const std::string& mechanism) {
  for (const std::string& known : state.configuration.mechanisms) {
    if (known == mechanism) return true;
  }
  return false;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void authenticate(State& state, Peer& peer, Bytes data) {
  const bool first = peer.phase == PeerPhase::greeting;
  peer.phase = PeerPhase::authenticating;
  AuthenticationToken token{peer.id.value, first ? peer.principal : "", std::move(data), {}};
  state.outbox->emplace_back(Authenticate{peer.id, peer.mechanism, std::move(token)});
}

void greet(State& state, Peer& peer, Hello hello) {
  if (peer.phase != PeerPhase::greeting) {
    return refuse_peer(state, peer, "Hello: was said before on this connection");
  }
  if (hello.role == PeerRole::unknown || hello.role == PeerRole::executor) {
    return refuse_peer(state, peer,
                       "Hello: role: a master talks with schedulers, agents and "
                       "operators, not with '" +
                           std::string(to_text(hello.role)) + "'");
  }
  std::string problem = invalid_text("version", hello.version);
  if (problem.empty()) problem = invalid_text("principal", hello.principal);
  if (!problem.empty()) return refuse_peer(state, peer, "Hello: " + problem);
  if (!known_mechanism(state, hello.mechanism)) {
    return refuse_peer(state, peer,
                       "Hello: mechanism: '" + hello.mechanism.substr(0, text_bytes_max) +
                           "' is not in use here; choose from " +
                           listed(state.configuration.mechanisms));
  }
  peer.role = hello.role;
  peer.mechanism = std::move(hello.mechanism);
  peer.principal = std::move(hello.principal);
  authenticate(state, peer, std::move(hello.data));
}

void welcome(State& state, Peer& peer, std::string principal) {
  peer.phase = PeerPhase::welcome;
  peer.principal = std::move(principal);
  state.peers.send(peer, Welcome{peer.principal, state.configuration.info});
  set_deadline(state, peer, ping_interval(state, peer));
}

}  // namespace

Peer* admit_peer(State& state, PeerId id) {
  Peer& peer = state.peers.add(id);
  if (state.peers.size() > state.configuration.peers_max) {
    refuse_peer(state, peer,
                "there are " + std::to_string(state.configuration.peers_max) +
                    " connections already, which is the most this master takes");
    return nullptr;
  }
  set_deadline(state, peer, state.configuration.hello_timeout);
  return &peer;
}

void peer_greets(State& state, Peer& peer, Message message) {
  if (Hello* hello = std::get_if<Hello>(&message)) return greet(state, peer, std::move(*hello));
  if (ChallengeResponse* response = std::get_if<ChallengeResponse>(&message)) {
    if (peer.phase == PeerPhase::challenged) {
      return authenticate(state, peer, std::move(response->data));
    }
    return refuse_peer(state, peer, "ChallengeResponse: there was no challenge");
  }
  refuse_peer(state, peer,
              std::string(message_name(message)) +
                  ": the first message of a connection is Hello, and the next waits "
                  "for Welcome");
}

void peer_authenticated(State& state, Authenticated authenticated) {
  Peer* peer = state.peers.find(authenticated.peer);
  if (peer == nullptr || peer->phase != PeerPhase::authenticating) return;
  if (!authenticated.answer) {
    note(state, Severity::error, "authenticator_failed",
         {{"mechanism", peer->mechanism}, {"error", authenticated.answer.error().message}});
    return refuse_peer(state, *peer, "the authenticator '" + peer->mechanism + "' failed");
  }
  AuthenticationAnswer& answer = *authenticated.answer;
  if (answer.state == AuthenticationState::accepted) {
    return welcome(state, *peer, std::move(answer.principal));
  }
  if (answer.state == AuthenticationState::proceed) {
    peer->phase = PeerPhase::challenged;
    return state.peers.send(*peer, Challenge{std::move(answer.data)});
  }
  // Why exactly is for our log alone: an attacker learns nothing.
  note(state, Severity::warning, "authentication_refused",
       {{"principal", peer->principal}, {"reason", answer.reason}});
  refuse_peer(state, *peer, "authentication of '" + peer->principal + "' was refused");
}

// ---- the end of a peer
// ---------------------------------------------------------------------------

namespace {

void forget_speaker(State& state, Peer& peer, std::string_view reason) {
  if (Agent* agent = std::exchange(peer.agent, nullptr)) {
    agent_disconnected(state, *agent, reason);
  }
  if (Framework* framework = std::exchange(peer.framework, nullptr)) {
    framework_disconnected(state, *framework, reason);
  }
}

}  // namespace

void refuse_peer(State& state, Peer& peer, std::string reason) {
  ++state.counters.peers_refused;
  note(state, Severity::warning, "peer_refused",
       {{"peer", std::to_string(peer.id.value)}, {"reason", reason}});
  record_refusal(state, peer, reason);
  state.peers.send(peer, Refused{std::move(reason), {}});
  drop_peer(state, peer, "refused");
}

void drop_peer(State& state, Peer& peer, std::string_view reason) {
  state.peers.cut(peer);
  forget_speaker(state, peer, reason);
}

void peer_lost(State& state, PeerId id) {
  Peer* peer = state.peers.find(id);
  if (peer == nullptr) return;
  peer->phase = PeerPhase::ended;
  state.rates.forget(id);
  forget_speaker(state, *peer, "its connection was lost");
  state.peers.remove(id);
}

// ---- pings
// ---------------------------------------------------------------------------------------

void peer_alive(Peer& peer) {
  peer.pings_missed = 0;
  peer.answer_awaited = false;
}

void peer_deadline(State& state, Peer& peer) {
  if (peer.phase == PeerPhase::ended) return;
  if (peer.phase != PeerPhase::welcome) {
    return refuse_peer(state, peer,
                       "it took more than " + to_text(state.configuration.hello_timeout) +
                           " from the first message to the end of authentication");
  }
  if (peer.answer_awaited) ++peer.pings_missed;
  if (peer.pings_missed >= state.configuration.agent_ping_timeouts_max) {
    const std::string reason = "missed " + std::to_string(peer.pings_missed) + " pings in a row";
    Agent* agent = peer.agent;
    drop_peer(state, peer, reason);
    if (agent != nullptr) give_up_agent(state, *agent, reason);
    return;
  }
  peer.answer_awaited = true;
  state.peers.send(peer, Ping{++peer.ping_sequence});
  set_deadline(state, peer, ping_interval(state, peer));
}

}  // namespace mesolite::master

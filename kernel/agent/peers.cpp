#include "kernel/agent/peers.hpp"

#include <utility>

#include "kernel/agent/executors.hpp"
#include "kernel/agent/master_link.hpp"
#include "kernel/agent/sandboxes.hpp"
#include "kernel/agent/updates.hpp"

namespace mesolite::agent {
namespace {

void refuse(State& state, PeerId peer, std::string reason) {
  note(state, Severity::warning, "peer_refused",
       {{"peer", std::to_string(peer.value)}, {"reason", reason}});
  emit(state, SendToPeer{peer, Refused{std::move(reason), ""}});
  emit(state, DisconnectPeer{peer});
}

void greeted(State& state, PeerId peer, const Hello& hello) {
  if (state.peers.contains(peer)) return refuse(state, peer, "Hello came twice");
  if (hello.role != PeerRole::executor && hello.role != PeerRole::operator_client) {
    return refuse(state, peer, "an agent serves executors and readers of sandboxes only");
  }
  if (hello.mechanism != "none" && !hello.mechanism.empty()) {
    return refuse(state, peer, "an agent knows no authenticator '" + hello.mechanism + "'");
  }
  if (state.peers.size() >= state.configuration.peers_max) {
    return refuse(state, peer,
                  "the agent has " + std::to_string(state.configuration.peers_max) +
                      " connections already (peers_max)");
  }
  state.peers.emplace(peer, Peer{hello.role, nullptr});
  emit(state, SendToPeer{peer, Welcome{"", state.link.master}});
}

void registers(State& state, PeerId id, const Peer& peer, RegisterExecutor request) {
  if (peer.role != PeerRole::executor || peer.executor != nullptr) {
    return refuse(state, id, "this connection is not that of a new executor");
  }
  const Status registered = register_executor(state, id, std::move(request));
  if (!registered) refuse(state, id, registered.error().message);
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
  if (const auto* hello = std::get_if<Hello>(&message)) return greeted(state, id, *hello);
  const auto known = state.peers.find(id);
  if (known == state.peers.end()) return refuse(state, id, "the first message is Hello");
  const Peer& peer = known->second;
  if (auto* request = std::get_if<RegisterExecutor>(&message)) {
    return registers(state, id, peer, std::move(*request));
  }
  if (auto* request = std::get_if<ReadSandbox>(&message)) {
    return read_sandbox(state, id, *request);
  }
  if (std::holds_alternative<ExecutorUpdates>(message) ||
      std::holds_alternative<ExecutorData>(message)) {
    // One that was just ended may still have something to say.
    if (peer.executor != nullptr) from_executor(state, *peer.executor, std::move(message));
    return;
  }
  if (std::holds_alternative<Pong>(message)) return;
  refuse(state, id, "an agent takes no " + std::string(message_name(message)));
}

void peer_lost(State& state, PeerId id) {
  const auto known = state.peers.find(id);
  if (known == state.peers.end()) return;
  Executor* executor = known->second.executor;
  state.peers.erase(known);
  if (executor != nullptr) executor_disconnected(state, *executor);
}

}  // namespace mesolite::agent

// World: a master machine with everything around it that a test needs: an allocator that answers in
// the same turn, an authenticator that believes everybody, a clock that is set by hand, and a
// mailbox for each peer. After each input a turn ends, and every invariant is checked.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "kernel/master/master.hpp"
#include "tests/kernel/master/simple_allocator.hpp"

namespace mesolite::testing {

inline constexpr Time world_start{Duration(1'000'000s)};

master::Configuration world_configuration();
Resources resources(std::string_view text);  // aborts on what is not well formed
TaskLaunch task_launch(std::string_view id, std::string_view needs, std::string_view executor = "");

class World {
 public:
  // A registry: what earlier masters of the cluster wrote down. None: they wrote nothing.
  using Registry = std::map<std::string, std::string>;

  explicit World(master::Configuration configuration = world_configuration(),
                 std::optional<Registry> registry = {}, Time start = world_start);

  // ---- time and inputs
  // ---------------------------------------------------------------------------
  Time now() const { return now_; }
  // Moves on from deadline to deadline.
  void pass(Duration wait);
  void input(master::Input input);
  void say(PeerId peer, Message message) { input(master::Received{peer, std::move(message)}); }
  void lose(PeerId peer) { input(master::PeerLost{peer}); }

  // ---- peers
  // -------------------------------------------------------------------------------------
  PeerId connect(PeerRole role, std::string principal = "");  // and is welcome
  struct Party {
    PeerId peer;
    std::string id;
  };
  Party add_agent(std::string_view total, std::string hostname = "host");
  Party add_framework(FrameworkInfo info = {});
  // A peer that does not answer pings any more.
  void mute(PeerId peer) { muted_.push_back(peer); }
  void unmute(PeerId peer) { std::erase(muted_, peer); }

  // ---- what came out
  // ----------------------------------------------------------------------------- The oldest
  // message of type T that waits for the peer, taken out with all before it; fails the test and
  // answers with an empty one if there is none.
  template <class T>
  T take(PeerId peer);
  // Of type T, waiting for the peer.
  template <class T>
  std::size_t count(PeerId peer) const;
  // The one offer that waits for the framework.
  Offer take_offer(PeerId peer);
  TaskStatus take_update(PeerId peer);
  bool is_cut(PeerId peer) const { return cut_.contains(peer); }
  // Whether an event of this name was noted since the last call; forgets all events.
  bool noted(std::string_view name);
  std::string last_event(std::string_view name) const;  // as text; "" if there is none

  // ---- short cuts
  // -------------------------------------------------------------------------------- Accepts the
  // offer and launches these tasks on it.
  void launch(const Party& framework, const Offer& offer, std::vector<TaskLaunch> tasks,
              std::vector<ExecutorLaunch> executors = {});
  UpdateId update(const Party& agent, const Party& framework, std::string_view task,
                  TaskState state, TaskState latest = TaskState::unknown);
  // What the master answers to an operator, who connects at the first question.
  OperatorAnswer ask(Message request);
  void acknowledge(const Party& framework, const Party& agent, std::string_view task,
                   UpdateId update);

  master::Master& machine() { return master_; }
  // That the allocator was told of with its last call that told of any.
  std::size_t released() const { return released_; }
  const std::vector<Event>& events() const { return events_; }
  // What is in the registry: all that was persisted and not removed.
  const Registry& registry() const { return registry_; }
  std::uint64_t persists() const { return persists_; }
  // What came out since the last call, in order: sends (but for pings), disconnects and events.
  std::vector<master::Output> take_log() { return std::exchange(log_, {}); }
  // What was told to the audit log since the last call.
  std::vector<authorization::Decision> take_decisions() { return std::exchange(decisions_, {}); }

 private:
  void turn();
  void carry_out(master::Output output);
  void deliver(PeerId peer, Message message);
  void complain(std::string_view what, PeerId peer) const;

  Time now_;
  const std::string mechanism_;
  master::Master master_;
  SimpleAllocator allocator_;
  SimpleAllocator candidate_;  // for its place
  std::size_t released_ = 0;
  std::uint64_t last_peer_ = 0;
  std::uint64_t last_update_ = 0;
  std::map<PeerId, std::deque<Message>> mailboxes_;
  std::vector<master::Output> log_;
  std::map<PeerId, bool> cut_;
  std::vector<PeerId> muted_;
  std::vector<Event> events_;
  std::vector<authorization::Decision> decisions_;
  Registry registry_;
  std::uint64_t persists_ = 0;
  PeerId operator_;
  std::vector<master::Input> answers_;  // to outputs of this turn
};

// What an agent that comes back says of a task in role "*".
RunningTask running_task(const World::Party& framework, std::string_view id, std::string_view needs,
                         TaskState state = TaskState::running);

template <class T>
T World::take(PeerId peer) {
  std::deque<Message>& mailbox = mailboxes_[peer];
  while (!mailbox.empty()) {
    Message message = std::move(mailbox.front());
    mailbox.pop_front();
    if (T* found = std::get_if<T>(&message)) return std::move(*found);
  }
  complain(message_name(Message(T{})), peer);
  return T{};
}

template <class T>
std::size_t World::count(PeerId peer) const {
  const auto mailbox = mailboxes_.find(peer);
  if (mailbox == mailboxes_.end()) return 0;
  std::size_t found = 0;
  for (const Message& message : mailbox->second) {
    found += std::holds_alternative<T>(message) ? 1 : 0;
  }
  return found;
}

}  // namespace mesolite::testing

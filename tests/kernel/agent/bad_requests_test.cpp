// Defends the agent against its executors and against readers of sandboxes: each field of each
// call, wrong in turn, gets an error that names it, and changes nothing.
#include "tests/support/bad_requests.hpp"
#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using harness::Allowed;
using harness::for_each_wrong;
using harness::name_field;
using harness::Right;
using harness::Spoiled;

// Of TaskStatus, wherever it stands.
const std::vector<Right> status_rights = {
    {"", "empty, twice, many", "an update is repeated until it is acknowledged"},
    {".task_id", "*", "it may be over for long"},
    {".agent_id", "*", "the connection says who it is"},
    {".executor_id", "*", "the connection says who it is"},
    {".message", "*", "it is for people, and the framework's"},
    {".source", "unknown", "the connection says who it is"},
    {".reason", "unknown", "a newer executor may know more"},
    {".update_id.incarnation", "*", "every number is one"},
    {".update_id.sequence", "*", "every number is one"},
    {".timestamp", "negative", "the executor's clock is its own"},
    {".exit_status", "*", "the task's to choose"},
};

std::vector<Right> rights() {
  std::vector<Right> all = {
      {"RegisterExecutor.tasks*", "*", "it tells which tasks have arrived, no more"},
      {"ReadSandbox.request", "huge", "the asker's own number"},
      {"ReadSandbox.file", "foreign", "who reads it finds out"},
      {"ReadSandbox.offset", "huge", "nothing is there"},
      {"ReadSandbox.length_max", "huge", "it is given less"},
  };
  for (const std::string prefix : {"RegisterExecutor.updates", "ExecutorUpdates.updates"}) {
    for (Right right : status_rights) {
      right.path = prefix + right.path;
      all.push_back(std::move(right));
    }
  }
  return all;
}

class BadRequests : public AgentFixture {
 protected:
  // An executor with a running task; its next word comes from `peer_`.
  void prepare(bool registered) {
    start_registered();
    made_ = start_executor("T", "E");
    register_executor(made_, PeerId{5});
    from_peer(PeerId{5}, ExecutorUpdates{{status("T", TaskState::running, 1)}});
    if (registered) return;
    turn({PeerLost{PeerId{5}}});
    connect_anew();
  }

  void connect_anew() {
    turn({PeerLost{peer_}});
    Hello hello;
    hello.role = newcomer_;
    from_peer(peer_, hello);
  }

  static TaskStatus next_update() {
    TaskStatus update = status("T", TaskState::running, 2);
    update.healthy = true;
    update.exit_status = 0;
    return update;
  }

  RegisterExecutor registration_again() const {
    RegisterExecutor request = registration(made_);
    request.tasks = {pack(command_task("T"))};
    request.updates = {next_update()};
    return request;
  }

  std::string what_holds() const {
    AgentStateSnapshot snapshot = agent->snapshot(now);
    snapshot.metrics.clear();
    return encode(snapshot);
  }

  std::string said_about_it() const {
    std::string words;
    for (const Event& event : outputs<Event>()) {
      if (event.severity != Severity::info) words += to_text(event) + "\n";
    }
    for (const Refused& refused : to_peers<Refused>()) words += refused.reason;
    for (const SandboxData& answer : to_peers<SandboxData>()) words += answer.error;
    return words;
  }

  // `make` answers with the right message, once all is prepared for it.
  template <class Make>
  void spoil(const std::string& name, bool registered, Make&& make) {
    Allowed allowed(rights());
    prepare(registered);
    for_each_wrong(make(), [&](const Spoiled& wrong, const auto& message) {
      if (allowed.covers(name, wrong)) return;
      ASSERT_NE(wrong.way, "nothing to spoil") << wrong.path;
      const std::string before = what_holds();
      from_peer(registered ? PeerId{5} : peer_, message);
      const std::string words = said_about_it();
      EXPECT_TRUE(name_field(words, wrong))
          << name << "." << wrong.path << " " << wrong.way << " is not named: " << words;
      EXPECT_EQ(what_holds(), before) << name << "." << wrong.path << " " << wrong.way;
      if (!registered) connect_anew();
    });
    allowed.expect_all_used(name);
  }

  const PeerId peer_{7};
  PeerRole newcomer_ = PeerRole::executor;  // who speaks over it
  Launch made_;
};

TEST_F(BadRequests, of_an_executor_that_registers_are_named_and_change_nothing) {
  spoil("RegisterExecutor", false, [&] { return registration_again(); });
}

TEST_F(BadRequests, in_updates_of_an_executor_are_named_and_change_nothing) {
  spoil("ExecutorUpdates", true, [&] { return ExecutorUpdates{{next_update()}}; });
}

TEST_F(BadRequests, of_a_reader_of_sandboxes_are_named_and_change_nothing) {
  newcomer_ = PeerRole::operator_client;
  spoil("ReadSandbox", false,
        [&] { return ReadSandbox{1, framework_id, TaskId("T"), "stdout", 0, 1000}; });
}

}  // namespace
}  // namespace mesolite::agent

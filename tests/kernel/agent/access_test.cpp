// Nobody does anything on an agent's bus who has no business there: walked for every message that
// there is, with no, wrong and lesser credentials. Each is denied, told so, and recorded.
#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using authorization::Acls;
using authorization::Action;
using authorization::Decision;
using authorization::Entity;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::vector<Message> every_message() {
  return {
#define MESOLITE_MESSAGE(id, Name, direction, since) Message(Name{}),
#include "mesolite/protocol/messages.def"
  };
}

class AgentAccess : public AgentFixture {
 protected:
  void SetUp() override {
    configuration.reader_mechanism = "secret";
    configuration.acls = Acls();
    start_registered();
  }

  PeerId greet(PeerRole role) {
    const PeerId peer{++last_peer_};
    Hello hello;
    hello.role = role;
    hello.mechanism = role == PeerRole::executor ? "none" : "secret";
    hello.principal = role == PeerRole::executor ? "" : "eve";
    from_peer(peer, hello);
    return peer;
  }
  void answer(PeerId peer, AuthenticationState state) {
    AuthenticationAnswer answer;
    answer.state = state;
    answer.principal = "eve";
    turn({PeerAuthenticated{peer, answer}});
  }
  PeerId enter() {
    const PeerId peer = greet(PeerRole::operator_client);
    answer(peer, AuthenticationState::accepted);
    return peer;
  }

  std::string told() const {
    for (const Refused& refused : to_peers<Refused>()) return refused.reason;
    for (const SandboxData& data : to_peers<SandboxData>()) return data.error;
    return "";
  }
  void expect_denied(const std::string& what) const {
    EXPECT_THAT(told(), Not(IsEmpty())) << what;
    const auto decisions = outputs<Decision>();
    ASSERT_THAT(decisions, SizeIs(1)) << what;
    EXPECT_THAT(decisions[0].denial, Not(IsEmpty())) << what;
    EXPECT_THAT(outputs<SendToMaster>(), IsEmpty()) << what;
  }

  std::uint64_t last_peer_ = 100;
};

TEST_F(AgentAccess, without_credentials_no_message_does_anything) {
  for (const Message& message : every_message()) {
    from_peer(PeerId(++last_peer_), message);
    expect_denied(std::string(message_name(message)));
  }
}

TEST_F(AgentAccess, in_the_midst_of_a_proof_no_message_does_anything) {
  for (const Message& message : every_message()) {
    if (std::holds_alternative<ChallengeResponse>(message)) continue;  // goes on with the proof
    const PeerId peer = greet(PeerRole::operator_client);
    answer(peer, AuthenticationState::proceed);
    EXPECT_THAT(to_peers<Challenge>(), SizeIs(1));
    from_peer(peer, message);
    expect_denied(std::string(message_name(message)));
    turn({PeerLost{peer}});
  }
}

TEST_F(AgentAccess, with_wrong_credentials_nobody_is_let_in) {
  const PeerId peer = greet(PeerRole::operator_client);
  answer(peer, AuthenticationState::refused);
  expect_denied("wrong credentials");
  EXPECT_EQ(outputs<Decision>()[0].principal, "eve");
}

TEST_F(AgentAccess, with_lesser_credentials_no_message_does_anything) {
  for (const Message& message : every_message()) {
    if (std::holds_alternative<Pong>(message)) continue;  // says nothing
    ReadSandbox read;
    read.file = "stdout";
    const bool reads = std::holds_alternative<ReadSandbox>(message);
    const PeerId peer = enter();
    from_peer(peer, reads ? Message(read) : message);
    expect_denied(std::string(message_name(message)));
    EXPECT_EQ(outputs<Decision>()[0].principal, "eve");
    turn({PeerLost{peer}});
  }
}

TEST_F(AgentAccess, an_executor_that_has_shown_no_token_does_nothing) {
  for (const Message& message : every_message()) {
    if (std::holds_alternative<Pong>(message)) continue;
    const PeerId peer = greet(PeerRole::executor);
    from_peer(peer, message);
    expect_denied(std::string(message_name(message)));
    turn({PeerLost{peer}});
  }
}

TEST_F(AgentAccess, a_token_lets_one_executor_in_at_a_time_and_none_after_its_end) {
  const Launch launch = start_executor("T1", "E1");
  register_executor(launch, PeerId(1));
  const PeerId second = greet(PeerRole::executor);
  from_peer(second, registration(launch));
  EXPECT_THAT(told(), HasSubstr("is connected already"));
  turn({PeerLost{second}, Exited{launch.context.id, 0, {}}});
  const PeerId third = greet(PeerRole::executor);
  from_peer(third, registration(launch));
  EXPECT_THAT(told(), HasSubstr("is expected"));
}

TEST_F(AgentAccess, a_sandbox_is_read_by_those_who_may) {
  configuration.acls.add(Action::read_sandbox, {{}, {Entity::Kind::own, {}}, "here"});
  start_registered();
  RunTasks order = run({command_task("T1")});
  order.framework.principal = "eve";
  from_master(order);
  ASSERT_THAT(outputs<Launch>(), SizeIs(1));
  turn({Launched{outputs<Launch>()[0].context.id, 42}});
  ReadSandbox read;
  read.framework_id = framework_id;
  read.task_id = TaskId("T1");
  read.file = "stdout";
  from_peer(enter(), read);
  EXPECT_THAT(outputs<ReadSandboxFile>(), SizeIs(1));
  EXPECT_THAT(outputs<Decision>(), IsEmpty());

  RunTasks other = run({command_task("T2")});
  other.framework.id = FrameworkId("F2");
  other.framework.principal = "ann";
  from_master(other);
  read.framework_id = FrameworkId("F2");
  read.task_id = TaskId("T2");
  from_peer(enter(), read);
  EXPECT_THAT(told(), HasSubstr("'eve' may not read_sandbox of frameworks of principal 'ann'"));
}

TEST_F(AgentAccess, a_reader_proves_who_it_is_by_the_mechanism_of_the_agent) {
  Hello hello;
  hello.role = PeerRole::operator_client;
  hello.mechanism = "none";
  from_peer(PeerId(1), hello);
  EXPECT_THAT(told(), HasSubstr("knows no authenticator 'none'"));
  const PeerId peer = greet(PeerRole::operator_client);
  ASSERT_THAT(outputs<AuthenticatePeer>(), SizeIs(1));
  EXPECT_EQ(outputs<AuthenticatePeer>()[0].token.principal, "eve");
  answer(peer, AuthenticationState::proceed);
  from_peer(peer, ChallengeResponse{Bytes("proof")});
  ASSERT_THAT(outputs<AuthenticatePeer>(), SizeIs(1));
  EXPECT_EQ(outputs<AuthenticatePeer>()[0].token.data, Bytes("proof"));
  answer(peer, AuthenticationState::accepted);
  ASSERT_THAT(to_peers<Welcome>(), SizeIs(1));
  EXPECT_EQ(to_peers<Welcome>()[0].principal, "eve");
}

}  // namespace
}  // namespace mesolite::agent

// Who may connect to an agent, and what readers of sandboxes get.
#include "tests/kernel/agent/agent_fixture.hpp"

namespace mesolite::agent {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Peers : public AgentFixture {
 protected:
  void SetUp() override { start_registered(); }

  void greet(PeerId peer, PeerRole role = PeerRole::operator_client) {
    Hello hello;
    hello.role = role;
    from_peer(peer, hello);
  }

  // REQUIRES: exactly one answer that is no Welcome.
  std::string refusal() const {
    const auto refused = to_peers<Refused>();
    EXPECT_EQ(refused.size(), 1u);
    EXPECT_THAT(outputs<DisconnectPeer>(), SizeIs(1));
    return refused.empty() ? "" : refused[0].reason;
  }

  static ReadSandbox read(const std::string& task, const std::string& file = "stdout") {
    ReadSandbox request;
    request.request = 5;
    request.framework_id = framework_id;
    request.task_id = TaskId(task);
    request.file = file;
    request.offset = 10;
    return request;
  }

  const PeerId peer_{7};
};

TEST_F(Peers, are_welcomed_with_the_master_that_the_agent_follows) {
  greet(peer_);
  ASSERT_THAT(to_peers<Welcome>(), SizeIs(1));
  EXPECT_EQ(to_peers<Welcome>()[0].master.id, "M");
}

TEST_F(Peers, greet_first_and_once) {
  from_peer(peer_, read("T"));
  EXPECT_EQ(refusal(), "the first message is Hello");
  greet(peer_);
  greet(peer_);
  EXPECT_EQ(refusal(), "Hello came twice");
}

TEST_F(Peers, that_belong_to_a_master_are_refused) {
  greet(peer_, PeerRole::scheduler);
  EXPECT_THAT(refusal(), HasSubstr("executors and readers of sandboxes"));
}

TEST_F(Peers, that_say_what_no_agent_takes_are_refused) {
  greet(peer_);
  from_peer(peer_, Subscribe{});
  EXPECT_EQ(refusal(), "an agent takes no Subscribe from this operator_client");
}

TEST_F(Peers, that_are_no_executors_do_not_register_as_one) {
  const Launch made = start_executor("T", "E");
  greet(peer_, PeerRole::operator_client);
  from_peer(peer_, registration(made));
  EXPECT_THAT(refusal(), HasSubstr("not that of a new executor"));
}

TEST_F(Peers, that_are_no_executors_report_for_nobody) {
  launch_running(command_task("T"));
  greet(peer_);
  from_peer(peer_, ExecutorUpdates{{status("T", TaskState::failed, 1)}});
  EXPECT_THAT(updates(), IsEmpty());
}

TEST_F(Peers, report_for_their_own_tasks_only) {
  launch_running(command_task("command"));
  const Launch mine = start_executor("mine", "E1");
  start_executor("other", "E2");
  register_executor(mine, peer_);
  from_peer(peer_, ExecutorUpdates{{status("command", TaskState::failed, 1),
                                    status("other", TaskState::failed, 2)}});
  EXPECT_THAT(updates(), IsEmpty());
}

TEST_F(Peers, above_the_limit_are_refused_until_others_go) {
  configuration.peers_max = 1;
  start_registered();
  greet(PeerId(1));
  greet(PeerId(2));
  EXPECT_THAT(refusal(), HasSubstr("peers_max"));
  turn({PeerLost{PeerId(2)}, PeerLost{PeerId(1)}});
  greet(PeerId(3));
  EXPECT_THAT(to_peers<Welcome>(), SizeIs(1));
}

// ---- sandboxes ----------------------------------------------------------------------------------

TEST_F(Peers, read_the_files_of_a_running_task) {
  const Launch made = launch_running(command_task("T"));
  greet(peer_);
  from_peer(peer_, read("T"));
  ASSERT_THAT(outputs<ReadSandboxFile>(), SizeIs(1));
  const ReadSandboxFile effect = outputs<ReadSandboxFile>()[0];
  EXPECT_EQ(effect.peer, peer_);
  EXPECT_EQ(effect.request, 5u);
  EXPECT_EQ(effect.sandbox, made.context.sandbox);
  EXPECT_EQ(effect.file, "stdout");
  EXPECT_EQ(effect.offset, 10u);
  EXPECT_FALSE(effect.ended);
}

TEST_F(Peers, read_to_the_end_what_a_task_left_that_is_forgotten) {
  const Launch made = launch_running(command_task("T"));
  turn({Exited{made.context.id, 0, {}}});
  const TaskStatus end = update();
  greet(peer_);
  from_peer(peer_, read("T"));
  EXPECT_TRUE(outputs<ReadSandboxFile>()[0].ended);
  acknowledge(end);
  from_peer(peer_, read("T"));
  ASSERT_THAT(outputs<ReadSandboxFile>(), SizeIs(1));
  EXPECT_TRUE(outputs<ReadSandboxFile>()[0].ended);
  EXPECT_EQ(outputs<ReadSandboxFile>()[0].sandbox, made.context.sandbox);
}

TEST_F(Peers, read_nothing_yet_of_a_task_that_is_being_launched) {
  launch(command_task("T"));
  greet(peer_);
  from_peer(peer_, read("T"));
  EXPECT_THAT(outputs<ReadSandboxFile>(), IsEmpty());
  ASSERT_THAT(to_peers<SandboxData>(), SizeIs(1));
  EXPECT_FALSE(to_peers<SandboxData>()[0].end);
  EXPECT_EQ(to_peers<SandboxData>()[0].error, "");
  EXPECT_EQ(to_peers<SandboxData>()[0].request, 5u);
}

TEST_F(Peers, read_the_end_at_once_of_a_task_that_never_ran) {
  const Launch made = launch(command_task("T"));
  turn({Launched{made.context.id, failure("no")}});
  greet(peer_);
  from_peer(peer_, read("T"));
  ASSERT_THAT(to_peers<SandboxData>(), SizeIs(1));
  EXPECT_TRUE(to_peers<SandboxData>()[0].end);
}

TEST_F(Peers, read_the_sandbox_of_the_executor_for_its_tasks) {
  const Launch made = start_executor("T", "E");
  greet(peer_);
  from_peer(peer_, read("T"));
  EXPECT_EQ(outputs<ReadSandboxFile>()[0].sandbox, made.context.sandbox);
}

TEST_F(Peers, get_no_file_by_a_name_that_leads_elsewhere) {
  launch_running(command_task("T"));
  greet(peer_);
  const std::string nul("std\0out", 7);
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("../T/stdout"),
        std::string("/etc/passwd"), nul, std::string(300, 'a')}) {
    from_peer(peer_, read("T", name));
    EXPECT_THAT(outputs<ReadSandboxFile>(), IsEmpty()) << name;
    EXPECT_THAT(to_peers<SandboxData>()[0].error, HasSubstr("no file of a sandbox"));
  }
}

TEST_F(Peers, hear_that_a_task_is_unknown) {
  greet(peer_);
  from_peer(peer_, read("T"));
  EXPECT_EQ(to_peers<SandboxData>()[0].error, "the agent does not know task 'T' of framework 'F'");
}

TEST_F(Peers, read_only_the_last_of_many_ended_tasks) {
  configuration.completed_containers_max = 2;
  start_registered();
  for (const char* id : {"T1", "T2", "T3"}) {
    const Launch made = launch_running(command_task(id));
    turn({Exited{made.context.id, 0, {}}});
    acknowledge(update());
  }
  greet(peer_);
  from_peer(peer_, read("T1"));
  EXPECT_THAT(outputs<ReadSandboxFile>(), IsEmpty());
  from_peer(peer_, read("T2"));
  EXPECT_THAT(outputs<ReadSandboxFile>(), SizeIs(1));
}

}  // namespace
}  // namespace mesolite::agent

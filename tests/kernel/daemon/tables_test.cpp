#include <gtest/gtest.h>

#include "kernel/daemon/cluster_tables.hpp"
#include "kernel/daemon/table.hpp"

namespace mesolite::daemon {
namespace {

constexpr const char* state = R"({
  "slaves": [{"id": "c-A1", "pid": "slave(1)@127.0.0.1:5051", "condition": "active",
              "resources": {"cpus": 4, "mem": 1024, "disk": 0},
              "used_resources": {"cpus": 0.5, "mem": 32, "disk": 0}, "version": "0.1.0"}],
  "frameworks": [{"id": "c-F1", "name": "words", "user": "root", "roles": ["*"],
                  "connected": true, "used_resources": {"cpus": 0.5, "mem": 32},
                  "tasks": [{"id": "t1", "name": "map", "framework_id": "c-F1",
                             "slave_id": "c-A1", "state": "TASK_RUNNING",
                             "resources": {"cpus": 0.5, "mem": 32}}],
                  "completed_tasks": [{"id": "t0", "name": "map", "framework_id": "c-F1",
                                       "slave_id": "c-A1", "state": "TASK_FINISHED"}]}]
})";

TEST(Table, columns_are_as_wide_as_their_widest_cell) {
  Table table({"A", "LONG"});
  table.add({"wide", "x"});
  table.add({"ä", "y"});
  EXPECT_EQ(table.to_text(), "A     LONG\nwide  x\nä     y\n");
}

TEST(Table, control_characters_do_not_reach_the_terminal) {
  Table table({"A"});
  table.add({"\x1b[31mred\n"});
  EXPECT_EQ(table.to_text(), "A\n?[31mred?\n");
}

TEST(ClusterTables, show_agents_with_what_is_used_of_what_there_is) {
  EXPECT_EQ(table_of(Listed::agents, state, false).value(),
            "AGENT  ADDRESS         STATE   CPUS   MEM      DISK  VERSION\n"
            "c-A1   127.0.0.1:5051  active  0.5/4  32/1024  0/0   0.1.0\n");
}

TEST(ClusterTables, show_frameworks) {
  EXPECT_EQ(table_of(Listed::frameworks, state, false).value(),
            "FRAMEWORK  NAME   USER  ROLES  STATE      TASKS  CPUS  MEM\n"
            "c-F1       words  root  *      connected  1      0.5   32\n");
}

TEST(ClusterTables, show_live_tasks_and_completed_ones_on_demand) {
  const std::string header = "TASK  NAME  FRAMEWORK  AGENT  STATE          CPUS  MEM\n";
  const std::string running = "t1    map   c-F1       c-A1   TASK_RUNNING   0.5   32\n";
  const std::string finished = "t0    map   c-F1       c-A1   TASK_FINISHED  0     0\n";
  EXPECT_EQ(table_of(Listed::tasks, state, true).value(), header + running + finished);
  EXPECT_EQ(table_of(Listed::tasks, state, false).value().find("t0"), std::string::npos);
}

TEST(ClusterTables, what_is_no_state_of_a_master_is_refused) {
  for (const char* wrong : {"", "[]", "{}", "not json", "{\"slaves\""}) {
    EXPECT_FALSE(table_of(Listed::agents, wrong, false)) << wrong;
  }
}

TEST(ClusterTables, strange_values_are_shown_as_nothing_rather_than_believed) {
  const auto table = table_of(Listed::agents, R"({"slaves":[{"id":7,"resources":[]}, 3]})", false);
  ASSERT_TRUE(table);
  EXPECT_NE(table->find("0/0"), std::string::npos);
}

}  // namespace
}  // namespace mesolite::daemon

// Defends the JSON that tools read: against golden files (MESOLITE_REWRITE=1 writes them anew), and
// the rules that a golden file does not explain.
#include "kernel/http/views.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "mesolite/protocol/version.hpp"
#include "sample.hpp"

namespace mesolite::http {
namespace {

using Json = nlohmann::ordered_json;

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path =
      std::string(MESOLITE_SOURCE_DIR) + "/tests/kernel/http/golden/" + name + ".json";
  const std::string shown = Json::parse(text).dump(2) + "\n";
  if (std::getenv("MESOLITE_REWRITE") != nullptr) std::ofstream(path) << shown;
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(shown, golden.str()) << path;
}

Request query(std::string_view target) {
  Request request;
  EXPECT_TRUE(parse_target(target, request));
  return request;
}

std::vector<std::string> task_ids(std::string_view target) {
  const auto wanted = parse_task_query(query(target));
  EXPECT_TRUE(wanted) << wanted.error().message;
  std::vector<std::string> ids;
  const Json tasks = Json::parse(tasks_view(sample_cluster(), wanted.value_or(TaskQuery{})));
  for (const Json& task : tasks.at("tasks")) ids.push_back(task.at("id"));
  return ids;
}

TEST(MasterViews, keep_the_shapes_that_tools_read) {
  const ClusterSnapshot cluster = sample_cluster();
  expect_golden("master_state", state_view(cluster));
  expect_golden("master_slaves", agents_view(cluster));
  expect_golden("master_frameworks", frameworks_view(cluster));
  expect_golden("master_metrics", metrics_view(cluster));
  expect_golden("master_bus", bus_view(cluster).value_or("{}"));
  expect_golden("master_flags", flags_view(cluster.flags));
}

TEST(AgentViews, keep_the_shapes_that_tools_read) {
  const AgentStateSnapshot agent = sample_agent();
  expect_golden("agent_state", state_view(agent));
  expect_golden("agent_containers", containers_view(agent));
  expect_golden("agent_metrics", metrics_view(agent));
  expect_golden("agent_bus", bus_view(agent));
}

TEST(MasterViews, empty_cluster_has_every_list) {
  expect_golden("empty_state", state_view(ClusterSnapshot{}));
  expect_golden("empty_metrics", metrics_view(ClusterSnapshot{}));
}

TEST(MasterViews, pid_of_a_framework_is_absent) {
  // A reader of Mesos' JSON refuses the whole state over an empty one.
  const Json state = Json::parse(frameworks_view(sample_cluster()));
  EXPECT_FALSE(state.at("frameworks").at(0).contains("pid"));
}

TEST(MasterViews, framework_with_many_roles_has_roles_and_others_have_role) {
  ClusterSnapshot cluster = sample_cluster();
  cluster.frameworks[0].info.roles = {"a", "b"};
  cluster.frameworks[0].info.capabilities = {FrameworkCapability::multi_role};
  const Json many = Json::parse(frameworks_view(cluster)).at("frameworks").at(0);
  EXPECT_EQ(many.at("roles"), (Json{"a", "b"}));
  EXPECT_EQ(many.at("capabilities"), Json{"MULTI_ROLE"});
  cluster.frameworks[0].info.roles = {};
  cluster.frameworks[0].info.capabilities = {};
  EXPECT_EQ(Json::parse(frameworks_view(cluster)).at("frameworks").at(0).at("role"), "*");
}

TEST(MasterViews, bytes_that_are_no_text_do_not_break_the_document) {
  ClusterSnapshot cluster = sample_cluster();
  cluster.frameworks[0].info.name = "bad \xff\xfe name";
  EXPECT_TRUE(Json::accept(state_view(cluster)));
}

TEST(MasterViews, leave_out_notes_of_a_task_that_cannot_be_read) {
  ClusterSnapshot cluster = sample_cluster();
  cluster.tasks[0].notes = Bytes("\xc1");
  const Json task = Json::parse(tasks_view(cluster, TaskQuery{})).at("tasks").at(1);
  EXPECT_EQ(task.at("id"), "T2");
  EXPECT_FALSE(task.contains("labels"));
}

TEST(MasterViews, tasks_are_newest_first_and_cut_to_the_limit) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(task_ids("/tasks"), (Ids{"T3", "T2", "T1"}));
  EXPECT_EQ(task_ids("/tasks?order=asc"), (Ids{"T1", "T2", "T3"}));
  EXPECT_EQ(task_ids("/tasks?limit=1"), (Ids{"T3"}));
  EXPECT_EQ(task_ids("/tasks?limit=1&offset=1"), (Ids{"T2"}));
  EXPECT_EQ(task_ids("/tasks?limit=-1&offset=2"), (Ids{"T1"}));
  EXPECT_EQ(task_ids("/tasks?offset=99"), Ids{});
  EXPECT_EQ(task_ids("/tasks?limit=9223372036854775807&offset=1"), (Ids{"T2", "T1"}));
  EXPECT_EQ(task_ids("/tasks?task_id=T2"), (Ids{"T2"}));
  EXPECT_EQ(task_ids("/tasks?framework_id=C-F0"), Ids{});
}

TEST(MasterViews, wrong_task_queries_are_one_sentence) {
  const auto refusal = [](std::string_view target) {
    const auto wanted = parse_task_query(query(target));
    return wanted ? "accepted" : wanted.error().message;
  };
  EXPECT_EQ(refusal("/tasks?limit=many"), "limit: expected an integer, at least -1, got 'many'");
  EXPECT_EQ(refusal("/tasks?limit=-2"), "limit: expected an integer, at least -1, got '-2'");
  EXPECT_EQ(refusal("/tasks?offset=-1"), "offset: expected an integer, at least 0, got '-1'");
  EXPECT_EQ(refusal("/tasks?order=up"), "order: expected one of asc, des, got 'up'");
}

TEST(MasterViews, follower_names_the_bus_of_its_leader) {
  ClusterSnapshot cluster = sample_cluster();
  cluster.leading = false;
  cluster.leader.bus = "tcp://10.0.0.9:6050";
  EXPECT_EQ(Json::parse(*bus_view(cluster)).at("bus"), "tcp://10.0.0.9:6050");
  cluster.leader = {};
  EXPECT_FALSE(bus_view(cluster));
  EXPECT_EQ(Json::parse(metrics_view(cluster)).at("master/elected"), 0.0);
}

TEST(Version, is_dotted_integers_only) {
  const Json json = Json::parse(version_view());
  EXPECT_EQ(json.at("version"), version);
  EXPECT_EQ(version.find_first_not_of("0123456789."), std::string_view::npos);
  EXPECT_TRUE(json.at("build_time").is_number());
}

}  // namespace
}  // namespace mesolite::http

// Defends what each path answers on a leader, on a follower and before there is anything to show.
#include "kernel/http/routes.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "kernel/http/assets.hpp"
#include "sample.hpp"

namespace mesolite::http {
namespace {

Response ask(const Router& router, std::string_view target) {
  Request request;
  request.method = "GET";
  EXPECT_TRUE(parse_target(target, request));
  std::optional<Response> answer;
  router.handle(request, Responder([&](Response response) { answer = std::move(response); }));
  return answer.value_or(Response{});
}

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

Router master(ClusterSnapshot cluster) {
  return master_routes([snapshot = std::make_shared<const ClusterSnapshot>(std::move(cluster))] {
    return snapshot;
  });
}

Router follower() {
  ClusterSnapshot cluster = sample_cluster();
  cluster.leading = false;
  cluster.leader.hostname = "leader";
  return master(cluster);
}

TEST(MasterRoutes, every_path_answers_bare_and_under_the_process) {
  const Router router = master(sample_cluster());
  for (const Route& route : router.routes()) {
    const int expected = route.path == "/redirect" ? 307 : 200;
    EXPECT_EQ(ask(router, route.path).status, expected) << route.path;
    EXPECT_EQ(ask(router, "/master" + route.path).status, expected) << route.path;
  }
}

TEST(MasterRoutes, data_is_json_and_never_cached) {
  const Router router = master(sample_cluster());
  for (const char* path : {"/state", "/state.json", "/slaves", "/frameworks", "/tasks", "/flags",
                           "/bus", "/version", "/metrics/snapshot?timeout=100ms"}) {
    const Response response = ask(router, path);
    EXPECT_EQ(response.content_type, "application/json") << path;
    EXPECT_EQ(header(response, "Cache-Control"), "no-store") << path;
  }
  EXPECT_EQ(ask(router, "/health").body, "");
}

TEST(MasterRoutes, metrics_are_told_in_the_format_of_prometheus_too) {
  const Response response = ask(master(sample_cluster()), "/metrics");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(response.body.find("\nmesolite_master_elected 1\n"), std::string::npos)
      << response.body;
  EXPECT_NE(response.body.find("\nmesolite_master_tasks_finished 1\n"), std::string::npos);
}

TEST(MasterRoutes, a_page_is_written_anew_for_each_snapshot_and_only_then) {
  auto cluster = std::make_shared<const ClusterSnapshot>(sample_cluster());
  const Router router = master_routes([&cluster] { return cluster; });
  const std::string first = ask(router, "/state").body;
  EXPECT_EQ(ask(router, "/state").body, first);
  ClusterSnapshot other = sample_cluster();
  other.cluster_name = "another";
  cluster = std::make_shared<const ClusterSnapshot>(std::move(other));
  EXPECT_NE(ask(router, "/state").body.find("another"), std::string::npos);
}

TEST(MasterRoutes, leader_redirects_to_itself) {
  const Response response = ask(master(sample_cluster()), "/master/redirect");
  EXPECT_EQ(response.status, 307);
  EXPECT_EQ(header(response, "Location"), "//head:5050");
}

TEST(MasterRoutes, follower_sends_clients_to_the_leader_with_path_and_query) {
  const Router router = follower();
  const Response response = ask(router, "/master/tasks?limit=5");
  EXPECT_EQ(response.status, 307);
  EXPECT_EQ(header(response, "Location"), "//leader:5050/master/tasks?limit=5");
  EXPECT_EQ(header(ask(router, "/redirect"), "Location"), "//leader:5050");
  for (const char* path :
       {"/health", "/version", "/flags", "/metrics/snapshot", "/metrics", "/bus", "/"}) {
    EXPECT_EQ(ask(router, path).status, 200) << path;
  }
}

TEST(MasterRoutes, without_a_leader_the_answer_is_503) {
  ClusterSnapshot cluster = sample_cluster();
  cluster.leading = false;
  cluster.leader = {};
  const Router router = master(cluster);
  for (const char* path : {"/state", "/redirect", "/bus"}) {
    EXPECT_EQ(ask(router, path).status, 503) << path;
  }
}

TEST(MasterRoutes, before_the_first_snapshot_only_health_and_version_answer) {
  const Router router = master_routes([] { return nullptr; });
  EXPECT_EQ(ask(router, "/health").status, 200);
  EXPECT_EQ(ask(router, "/version").status, 200);
  EXPECT_EQ(ask(router, "/state").status, 503);
  EXPECT_EQ(ask(router, "/bus").status, 503);
}

TEST(MasterRoutes, wrong_queries_are_told_so) {
  const Response response = ask(master(sample_cluster()), "/tasks?limit=x");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, "limit: expected an integer, at least -1, got 'x'\n");
}

TEST(AgentRoutes, every_path_answers_bare_and_under_the_process) {
  const Router router =
      agent_routes([] { return std::make_shared<const AgentStateSnapshot>(sample_agent()); });
  for (const Route& route : router.routes()) {
    EXPECT_EQ(ask(router, route.path).status, 200) << route.path;
    EXPECT_EQ(ask(router, "/slave(1)" + route.path).status, 200) << route.path;
  }
}

TEST(Page, allows_no_code_but_its_own_file) {
  const Router router = master(sample_cluster());
  std::set<std::string_view> paths;
  for (const Asset& asset : assets()) {
    paths.insert(asset.path);
    const Response response = ask(router, asset.path);
    EXPECT_EQ(response.body, asset.content);
    EXPECT_FALSE(asset.content.empty()) << asset.path;
    const std::string policy = header(response, "Content-Security-Policy");
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  }
  EXPECT_EQ(paths, (std::set<std::string_view>{"/", "/app.js", "/style.css", "/icon.svg"}));
}

TEST(Page, has_no_inline_code_and_builds_no_markup_from_text) {
  for (const Asset& asset : assets()) {
    for (const char* banned : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                               "eval(", "new Function", "onclick=", " style=", "<style"}) {
      EXPECT_EQ(asset.content.find(banned), std::string_view::npos) << asset.path << banned;
    }
  }
}

}  // namespace
}  // namespace mesolite::http

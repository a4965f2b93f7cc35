// Defends which handler a path reaches, and what is said when none does.
#include "kernel/http/router.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace mesolite::http {
namespace {

Handler text_handler(std::string text) {
  return [text = std::move(text)](const Request&, const Responder& respond) {
    respond(json_response(text));
  };
}

Router sample() {
  Router router("slave(1)");
  router.add("GET", "/", open_to_all, text_handler("page"));
  router.add("GET", "/state", open_to_all, text_handler("{}"));
  router.add("GET", "/api", open_to_all, text_handler("api"));
  router.add("POST", "/api/v1", open_to_all, text_handler("v1"));
  return router;
}

Response ask(const std::string& method, std::string_view target) {
  Request request;
  request.method = method;
  EXPECT_TRUE(parse_target(target, request));
  std::optional<Response> answer;
  sample().handle(request, Responder([&](Response response) { answer = std::move(response); }));
  return answer.value_or(Response{});
}

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST(Router, longest_prefix_by_whole_segments_wins) {
  EXPECT_EQ(ask("GET", "/").body, "page");
  EXPECT_EQ(ask("GET", "/state/").body, "{}");
  EXPECT_EQ(ask("POST", "/api/v1/operator").body, "v1");
  EXPECT_EQ(ask("GET", "/api/v2").body, "api");
  EXPECT_EQ(ask("GET", "/states").status, 404);
  EXPECT_EQ(ask("GET", "/nothing").status, 404);
}

TEST(Router, routes_answer_under_the_process_too) {
  EXPECT_EQ(ask("GET", "/slave(1)/state").body, "{}");
  EXPECT_EQ(ask("GET", "/slave%281%29/state").body, "{}");
  EXPECT_EQ(ask("GET", "/slave(1)").body, "page");
  EXPECT_EQ(ask("GET", "/slave(1)x/state").status, 404);
  EXPECT_EQ(ask("GET", "/slave(1)/slave(1)/state").status, 404);
  EXPECT_EQ(ask("GET", "/master/state").status, 404);
}

TEST(Router, other_methods_are_told_which_are_allowed) {
  const Response post = ask("POST", "/state");
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(header(post, "Allow"), "GET, HEAD");
  EXPECT_EQ(header(ask("GET", "/api/v1"), "Allow"), "POST");
  EXPECT_EQ(ask("HEAD", "/state").status, 200);
  EXPECT_EQ(ask("get", "/state").status, 405);
}

TEST(Router, jsonp_wraps_json_in_a_checked_function_name) {
  const Response wrapped = ask("GET", "/state?jsonp=ns.callback_1");
  EXPECT_EQ(wrapped.body, "/**/ns.callback_1({});");
  EXPECT_EQ(wrapped.content_type, "text/javascript");
  for (const char* name : {"alert(1)//", "a;b", "1a", "%3Cscript%3E", "a b", "a-b"}) {
    EXPECT_EQ(ask("GET", std::string("/state?jsonp=") + (name == std::string("a b") ? "a+b" : name))
                  .status,
              400)
        << name;
  }
  EXPECT_EQ(ask("GET", "/nothing?jsonp=a").content_type, "text/plain");
}

TEST(Router, every_answer_forbids_guessing_its_type) {
  for (const char* target : {"/state", "/nothing", "/api/v1", "/state?jsonp=a"}) {
    EXPECT_EQ(header(ask("GET", target), "X-Content-Type-Options"), "nosniff") << target;
  }
}

}  // namespace
}  // namespace mesolite::http

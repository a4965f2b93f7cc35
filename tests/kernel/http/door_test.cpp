// Nobody gets past the door without showing who he is and being allowed: walked for every route
// there is, on both daemons, so that a new one cannot be forgotten.
#include "kernel/http/door.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kernel/http/routes.hpp"
#include "mesolite/base/guarded_file.hpp"
#include "tests/kernel/http/sample.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::http {
namespace {

using authorization::Acls;
using authorization::Action;
using authorization::Decision;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// "ann:stone" and the like; made with base64(1).
constexpr const char* ann = "Basic YW5uOnN0b25l";
constexpr const char* ann_wrong = "Basic YW5uOnNhbmQ=";
constexpr const char* eve = "Basic ZXZlOnN0b25l";
constexpr const char* bob = "Basic Ym9iOndvb2Q=";

class HttpDoor : public ::testing::Test {
 protected:
  HttpDoor() {
    Credentials known;
    EXPECT_TRUE(known.set_secret("ann", salt_secret("stone").value()));
    EXPECT_TRUE(known.set_secret("bob", salt_secret("wood").value()));
    EXPECT_TRUE(known.add_token("ann", "token-of-ann"));
    EXPECT_TRUE(write_secret_file(scratch_ / "credentials", known.to_text()));
    credentials_ = CredentialsFile::open(scratch_ / "credentials").value();
    // ann may everything, bob nothing.
    for (const authorization::ActionInfo& info : authorization::actions) {
      acls_.add(info.action, {{authorization::Entity::Kind::some, {"ann"}}, {}, "here"});
    }
  }

  Handler handler(Router router) {
    return handler_of(std::move(router), {credentials_, acls_, [this](const Decision& decision) {
                                            recorded_.push_back(decision);
                                          }});
  }
  static Router master() {
    return master_routes([] { return std::make_shared<const ClusterSnapshot>(); });
  }
  static Router agent() {
    return agent_routes([] { return std::make_shared<const AgentStateSnapshot>(); });
  }

  Response ask(const Handler& handler, const Route& route, const std::string& authorization) {
    Request request;
    request.method = route.method;
    EXPECT_TRUE(parse_target(route.path, request));
    if (!authorization.empty()) request.headers["authorization"] = authorization;
    Response answer;
    handler(request, Responder([&](Response given) { answer = std::move(given); }));
    return answer;
  }

  // What a stranger can have of all routes; each of the others must turn away everybody who may
  // not, and record that.
  std::set<std::string> walk(const Router& router, const Handler& handler) {
    std::set<std::string> open;
    for (const Route& route : router.routes()) {
      if (!route.right) {
        open.insert(route.path);
        continue;
      }
      const std::pair<const char*, int> visitors[] = {
          {"", 401}, {ann_wrong, 401}, {eve, 401}, {"Bearer nonsense", 401}, {bob, 403}};
      for (const auto& [shown, status] : visitors) {
        recorded_.clear();
        const Response answer = ask(handler, route, shown);
        EXPECT_EQ(answer.status, status) << route.path << " " << shown << answer.body;
        EXPECT_THAT(recorded_, SizeIs(1)) << route.path << " " << shown;
        if (recorded_.size() != 1) continue;
        EXPECT_THAT(recorded_[0].denial, ::testing::Not(IsEmpty())) << route.path;
        EXPECT_THAT(recorded_[0].object, HasSubstr(route.path));
      }
      for (const char* shown : {ann, "Bearer token-of-ann"}) {
        const int status = ask(handler, route, shown).status;
        EXPECT_NE(status, 401) << route.path;
        EXPECT_NE(status, 403) << route.path;
      }
    }
    return open;
  }

  harness::Scratch scratch_;
  std::shared_ptr<CredentialsFile> credentials_;
  Acls acls_;
  std::vector<Decision> recorded_;
};

TEST_F(HttpDoor, of_a_master_lets_strangers_find_the_leader_and_nothing_else) {
  EXPECT_THAT(walk(master(), handler(master())),
              UnorderedElementsAre("/health", "/version", "/bus", "/redirect"));
}

TEST_F(HttpDoor, of_an_agent_lets_strangers_find_its_bus_and_nothing_else) {
  EXPECT_THAT(walk(agent(), handler(agent())), UnorderedElementsAre("/health", "/version", "/bus"));
}

TEST_F(HttpDoor, is_shut_for_other_spellings_of_a_path_too) {
  const Handler door = handler(master());
  for (const char* path : {"/master/state", "/state/", "/state/x", "/%73tate", "/state?jsonp=f"}) {
    EXPECT_EQ(ask(door, {"GET", path, {}, {}}, "").status, 401) << path;
    EXPECT_EQ(ask(door, {"HEAD", path, {}, {}}, "").status, 401) << path;
  }
}

TEST_F(HttpDoor, says_who_was_wrong_to_the_audit_log_and_nothing_to_him) {
  const Handler door = handler(master());
  const Response unknown = ask(door, {"GET", "/state", {}, {}}, eve);
  const Response wrong = ask(door, {"GET", "/state", {}, {}}, ann_wrong);
  EXPECT_EQ(unknown.body, wrong.body);
  ASSERT_THAT(recorded_, SizeIs(2));
  EXPECT_EQ(recorded_[0].principal, "eve");
  EXPECT_EQ(recorded_[0].action, "connect");
  EXPECT_EQ(recorded_[1].principal, "ann");
}

TEST_F(HttpDoor, takes_nonsense_for_nobody) {
  const Handler door = handler(master());
  const std::vector<std::string> nonsense = {"Basic",
                                             "Basic ",
                                             "Basic !!!!",
                                             "Basic YW5u",
                                             "Bearer",
                                             "Digest x",
                                             "token-of-ann",
                                             "Basic " + std::string(100'000, 'A'),
                                             "Bearer " + std::string(5000, 'x')};
  for (const std::string& shown : nonsense) {
    EXPECT_EQ(ask(door, {"GET", "/state", {}, {}}, shown).status, 401) << shown.substr(0, 40);
  }
}

TEST_F(HttpDoor, without_credentials_knows_nobody_and_still_asks_the_access_list) {
  credentials_ = nullptr;
  EXPECT_EQ(ask(handler(master()), {"GET", "/state", {}, {}}, ann).status, 403);
  acls_ = Acls::allow_all();
  EXPECT_NE(ask(handler(master()), {"GET", "/state", {}, {}}, "").status, 403);
}

TEST_F(HttpDoor, tells_how_to_show_who_one_is) {
  const Response answer = ask(handler(master()), {"GET", "/state", {}, {}}, "");
  std::vector<std::string> ways;
  for (const auto& [name, value] : answer.headers) {
    if (name == "WWW-Authenticate") ways.push_back(value.substr(0, value.find(' ')));
  }
  EXPECT_THAT(ways, UnorderedElementsAre("Basic", "Bearer"));
}

}  // namespace
}  // namespace mesolite::http

// Who is not allowed to do something is denied it, and the denial says whom, what and where.
#include "kernel/authorization/acls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mesolite::authorization {
namespace {

using ::testing::HasSubstr;
using Kind = Entity::Kind;

Entity any() {
  return {};
}
Entity none() {
  return {Kind::none, {}};
}
Entity some(std::vector<std::string> names) {
  return {Kind::some, std::move(names)};
}

bool allowed(const Acls& acls, std::string_view principal, Action action,
             std::string_view object = "") {
  return acls.denial(principal, action, object).empty();
}

TEST(Acls, deny_what_no_rule_speaks_of) {
  const Acls acls;
  for (const ActionInfo& info : actions) {
    EXPECT_FALSE(allowed(acls, "ann", info.action)) << info.name;
    EXPECT_FALSE(acls.allows_all(info.action)) << info.name;
  }
}

TEST(Acls, that_are_permissive_allow_what_no_rule_speaks_of) {
  Acls acls = Acls::allow_all();
  for (const ActionInfo& info : actions) {
    EXPECT_TRUE(allowed(acls, "", info.action, "x")) << info.name;
  }
  acls.add(Action::set_quota, {none(), some({"prod"}), "here"});
  EXPECT_FALSE(allowed(acls, "ann", Action::set_quota, "prod"));
  EXPECT_TRUE(allowed(acls, "ann", Action::set_quota, "eng"));
  EXPECT_FALSE(acls.allows_all(Action::set_quota));
  EXPECT_TRUE(acls.allows_all(Action::drain));
}

TEST(Acls, the_first_rule_that_fits_decides) {
  Acls acls;
  acls.add(Action::set_quota, {some({"ann"}), some({"prod"}), "1"});
  acls.add(Action::set_quota, {none(), some({"prod"}), "2"});
  acls.add(Action::set_quota, {some({"ann", "bob"}), any(), "3"});
  EXPECT_TRUE(allowed(acls, "ann", Action::set_quota, "prod"));
  EXPECT_FALSE(allowed(acls, "bob", Action::set_quota, "prod"));
  EXPECT_TRUE(allowed(acls, "bob", Action::set_quota, "eng"));
  EXPECT_FALSE(allowed(acls, "eve", Action::set_quota, "eng"));
}

TEST(Acls, a_percent_sign_stands_for_all_below) {
  Acls acls;
  acls.add(Action::register_framework, {any(), some({"eng/%"}), ""});
  EXPECT_TRUE(allowed(acls, "ann", Action::register_framework, "eng/web"));
  EXPECT_TRUE(allowed(acls, "ann", Action::register_framework, "eng/web/front"));
  EXPECT_FALSE(allowed(acls, "ann", Action::register_framework, "eng"));
  EXPECT_FALSE(allowed(acls, "ann", Action::register_framework, "engine"));
}

TEST(Acls, own_fits_what_belongs_to_the_asker) {
  Acls acls;
  acls.add(Action::read_sandbox, {any(), {Kind::own, {}}, ""});
  EXPECT_TRUE(allowed(acls, "ann", Action::read_sandbox, "ann"));
  EXPECT_FALSE(allowed(acls, "ann", Action::read_sandbox, "bob"));
  EXPECT_FALSE(allowed(acls, "", Action::read_sandbox, ""));
}

TEST(Acls, who_has_proved_nothing_is_nobody_that_is_named) {
  Acls acls;
  acls.add(Action::drain, {some({"", "ann"}), any(), ""});
  EXPECT_FALSE(allowed(acls, "", Action::drain, "A1"));
  EXPECT_TRUE(allowed(acls, "ann", Action::drain, "A1"));
}

TEST(Acls, a_denial_says_whom_what_and_which_rule) {
  Acls acls;
  acls.add(Action::set_quota, {none(), some({"prod"}), "acls.toml:7"});
  EXPECT_EQ(acls.denial("ann", Action::set_quota, "prod"),
            "principal 'ann' may not set_quota of role 'prod' (acls.toml:7)");
  EXPECT_EQ(acls.denial("", Action::view_state, ""), "nobody in particular may not view_state");
}

TEST(Acls, every_action_is_found_by_its_name) {
  for (const ActionInfo& info : actions) {
    EXPECT_EQ(action_named(info.name), info.action);
    EXPECT_EQ(info_of(info.action).name, info.name);
  }
  EXPECT_EQ(action_named("fly"), std::nullopt);
}

TEST(Decision, is_one_line_whatever_names_hold) {
  const Decision denied{"an'n\nverdict=allowed", "drain", std::string(1000, 'x'), "may 'not'"};
  const std::string line = to_text(denied);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_THAT(line, HasSubstr("principal='an?n?verdict=allowed' action=drain object='xxx"));
  EXPECT_THAT(line, HasSubstr("verdict=denied reason='may \"not\"'"));
  EXPECT_LT(line.size(), 500u);
}

TEST(Decision, that_is_made_all_the_time_is_recorded_only_if_it_denies) {
  EXPECT_FALSE(is_recorded(Action::view_state, {"ann", "view_state", "", ""}));
  EXPECT_TRUE(is_recorded(Action::view_state, {"ann", "view_state", "", "no"}));
  EXPECT_TRUE(is_recorded(Action::drain, {"ann", "drain", "A1", ""}));
}

}  // namespace
}  // namespace mesolite::authorization

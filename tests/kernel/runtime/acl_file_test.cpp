// An access list says what it says, or is refused by the line; without one, only this machine's own
// users may do everything.
#include "kernel/runtime/acl_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "kernel/runtime/audit_log.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::runtime {
namespace {

using authorization::Acls;
using authorization::Action;
using ::testing::EndsWith;
using ::testing::HasSubstr;

bool allowed(const Acls& acls, std::string_view principal, Action action,
             std::string_view object = "") {
  return acls.denial(principal, action, object).empty();
}

TEST(AclFile, says_who_may_do_what) {
  const auto acls = parse_acls(
      "[[register_framework]]\nprincipals = [\"ann\"]\nroles = [\"eng\", \"eng/%\"]\n"
      "[[kill_task]]\nframeworks = \"OWN\"\n"
      "[[set_quota]]\nprincipals = \"NONE\"\nroles = [\"prod\"]\n"
      "[[set_quota]]\nprincipals = [\"bob\"]\n"
      "[[view_state]]\n",
      "acls.toml");
  ASSERT_TRUE(acls) << acls.error().message;
  EXPECT_TRUE(allowed(*acls, "ann", Action::register_framework, "eng/web"));
  EXPECT_FALSE(allowed(*acls, "ann", Action::register_framework, "prod"));
  EXPECT_TRUE(allowed(*acls, "ann", Action::kill_task, "ann"));
  EXPECT_FALSE(allowed(*acls, "ann", Action::kill_task, "bob"));
  EXPECT_TRUE(allowed(*acls, "bob", Action::set_quota, "eng"));
  EXPECT_THAT(acls->denial("bob", Action::set_quota, "prod"), HasSubstr("acls.toml:6"));
  EXPECT_TRUE(allowed(*acls, "", Action::view_state));
  EXPECT_FALSE(allowed(*acls, "ann", Action::drain, "A1"));
}

TEST(AclFile, may_be_permissive) {
  EXPECT_TRUE(allowed(parse_acls("permissive = true\n", "f").value(), "", Action::drain, "A1"));
  EXPECT_FALSE(allowed(parse_acls("", "f").value(), "ann", Action::drain, "A1"));
}

TEST(AclFile, errors_name_the_line_and_what_was_meant) {
  for (const auto& [text, problem] : std::vector<std::pair<std::string, std::string>>{
           {"[[set_quotas]]\n", "f:1: there is no action 'set_quotas', did you mean 'set_quota'?"},
           {"permissive = 1\n", "f:1: permissive: expected true or false"},
           {"set_quota = 3\n", "f:1: expected rules as [[set_quota]]"},
           {"[[set_quota]]\nrole = [\"x\"]\n",
            "f:2: a rule of set_quota has no key 'role': it has principals and roles"},
           {"[[view_state]]\nroles = [\"x\"]\n", "has no key 'roles': it has principals"},
           {"[[set_quota]]\nroles = \"eng\"\n", "f:2: roles: expected a list of names, \"ANY\""},
           {"[[set_quota]]\nroles = \"OWN\"\n", "f:2: roles: expected a list of names"},
           {"[[set_quota]]\nroles = []\n", "f:2: roles: expected a list of names"},
           {"[[set_quota]]\nroles = [3]\n", "f:2: roles: expected names, got an integer"}}) {
    const auto acls = parse_acls(text, "f");
    ASSERT_FALSE(acls) << text;
    EXPECT_THAT(acls.error().message, HasSubstr(problem));
  }
}

TEST(AclFile, that_others_can_write_is_refused) {
  const harness::Scratch scratch;
  std::ofstream(scratch / "acls.toml") << "permissive = true\n";
  EXPECT_TRUE(acls_of(scratch / "acls.toml", "0.0.0.0", false));
  std::filesystem::permissions(scratch / "acls.toml", std::filesystem::perms(0666));
  EXPECT_THAT(acls_of(scratch / "acls.toml", "127.0.0.1", true).error().message,
              HasSubstr("can be written by other users"));
}

TEST(AclFile, is_needed_where_other_machines_can_come) {
  for (const char* ip : {"127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_TRUE(acls_of("", ip, false)) << ip;
  }
  for (const char* ip : {"0.0.0.0", "192.168.100.11", "::", "12.7.0.1"}) {
    const auto refused = acls_of("", ip, false);
    ASSERT_FALSE(refused) << ip;
    EXPECT_THAT(refused.error().message, HasSubstr("MESOS_permissive=true"));
    EXPECT_TRUE(acls_of("", ip, true)->allows_all(Action::drain)) << ip;
  }
}

TEST(AuditLog, keeps_one_line_a_decision) {
  const harness::Scratch scratch;
  const auto log = AuditLog::open(scratch / "audit.log").value();
  log->record({"ann", "drain", "A1", ""});
  log->record({"eve\nverdict=allowed", "drain", "A1", "principal 'eve' may not"});
  const std::string text = harness::read_file(scratch / "audit.log");
  const std::size_t middle = text.find('\n');
  EXPECT_THAT(text.substr(0, middle),
              EndsWith("Z principal='ann' action=drain object='A1' verdict=allowed"));
  EXPECT_THAT(text.substr(middle + 1), HasSubstr("verdict=denied reason="));
  EXPECT_EQ(text.find('\n', middle + 1), text.size() - 1);
  EXPECT_EQ(log->denials(), 1u);
}

TEST(AuditLog, lies_beside_the_log_unless_it_is_told_otherwise) {
  EXPECT_EQ(audit_file("/a/b", "/log"), "/a/b");
  EXPECT_EQ(audit_file("", "/log"), "/log/audit.log");
  EXPECT_EQ(audit_file("", ""), "");
  EXPECT_FALSE(AuditLog::open("/dev/null/audit.log"));
}

}  // namespace
}  // namespace mesolite::runtime

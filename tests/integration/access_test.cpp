// The door from outside: with an access list each comes as far as he may, over the bus and over
// HTTP, encrypted or not, and the audit log tells of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "mesolite/base/guarded_file.hpp"
#include "mesolite/credentials/credentials.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

using ::testing::HasSubstr;

using Words = std::vector<std::string>;

constexpr const char* rules = R"(
[[register_agent]]
principals = ["agents"]

[[register_framework]]
principals = ["ann"]
roles = ["*"]

[[run_task_as_user]]
principals = ["ann"]

[[read_sandbox]]
frameworks = "OWN"

[[set_weights]]
principals = ["op"]
roles = ["eng"]

[[view_state]]
principals = ["op"]

[[view_agents]]
principals = "ANY"
)";

class AccessList : public ::testing::Test {
 protected:
  AccessList() {
    std::ofstream(files_ / "acls.toml") << rules;
    for (const char* who : {"agents", "ann", "op"}) let_in(who);
    EXPECT_TRUE(write_secret_file(files_ / "agent", "agents " + secret_of("agents") + "\n"));
  }

  std::string file(const std::string& name) { return (files_ / name).string(); }
  std::string secret_of(const std::string& who) {
    const std::string text = read_file(files_ / (who + ".secret"));
    return text.substr(0, text.find('\n'));
  }
  void let_in(const std::string& who) {
    const Ended made =
        run({built("bin/mesolite"), "credentials", "add", "--file", file("credentials"), who});
    EXPECT_EQ(made.status, 0) << made.errors;
    EXPECT_TRUE(write_secret_file(files_ / (who + ".secret"), made.output));
  }

  ClusterOptions options() {
    ClusterOptions options;
    const Words common{"--acls=" + file("acls.toml"), "--authenticators=scram-sha-256",
                       "--credentials=" + file("credentials")};
    options.master_flags = common;
    options.master_flags.push_back("--audit_log=" + file("audit"));
    options.agent_flags = common;
    options.agent_flags.insert(options.agent_flags.end(),
                               {"--authenticatee=scram-sha-256", "--credential=" + file("agent"),
                                "--audit_log=" + file("agent_audit")});
    options.authorization = basic("op");
    return options;
  }
  std::string basic(const std::string& who) { return basic_authorization(who, secret_of(who)); }

  Ended mesolite(const std::string& who, const Cluster& cluster, Words words) {
    const Words identity{"--master",      cluster.master(),     "--authenticator",
                         "scram-sha-256", "--principal",        who,
                         "--secret-file", file(who + ".secret")};
    words.insert(words.begin(), built("bin/mesolite"));
    words.insert(words.begin() + 2, identity.begin(), identity.end());
    return run(words);
  }
  Ended list(const std::string& who, const std::string& master) {
    return run({built("bin/mesolite"), "agents", "--master", master, "--principal", who,
                "--secret-file", file(who + ".secret")});
  }
  std::string audited() { return read_file(files_ / "audit"); }

  Scratch files_;
};

TEST_F(AccessList, lets_each_do_what_he_may_and_tells_him_what_he_may_not) {
  Cluster cluster(options());
  const Ended ran = mesolite("ann", cluster, {"run", "--", "echo", "in"});
  EXPECT_EQ(ran.output, "in\n") << ran.errors;
  const Ended refused = mesolite("op", cluster, {"run", "--", "echo", "in"});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.errors, HasSubstr("'op' may not register_framework of role '*'"));

  EXPECT_EQ(mesolite("op", cluster, {"weights", "eng=2"}).status, 0);
  const Ended denied = mesolite("ann", cluster, {"weights", "eng=3"});
  EXPECT_NE(denied.status, 0);
  EXPECT_THAT(denied.errors, HasSubstr("'ann' may not set_weights of role 'eng'"));

  EXPECT_THAT(list("op", cluster.master()).output, HasSubstr("CPUS"));
  EXPECT_THAT(list("ann", cluster.master()).errors, HasSubstr("'ann' may not view_state"));
  EXPECT_THAT(run({built("bin/mesolite"), "agents", "--master", cluster.master()}).errors,
              HasSubstr("401"));

  const std::string log = audited();
  for (const char* line :
       {"principal='agents' action=register_agent object='127.0.0.1' verdict=allowed",
        "principal='ann' action=register_framework object='*' verdict=allowed",
        "principal='op' action=register_framework object='*' verdict=denied",
        "principal='op' action=set_weights object='eng' verdict=allowed",
        "principal='ann' action=set_weights object='eng' verdict=denied",
        "principal='ann' action=view_state object='GET /state' verdict=denied",
        "principal='' action=connect object='GET /state' verdict=denied"}) {
    EXPECT_THAT(log, HasSubstr(line));
  }
}

TEST_F(AccessList, tells_a_bearer_of_a_token_from_a_stranger) {
  Cluster cluster(options());
  const Ended made =
      run({built("bin/mesolite"), "credentials", "token", "--file", file("credentials"), "op"});
  ASSERT_TRUE(write_secret_file(files_ / "token", made.output));
  const auto with_token = [&](const std::string& token_file) {
    return run({built("bin/mesolite"), "agents", "--master", cluster.master(), "--token-file",
                file(token_file)});
  };
  EXPECT_THAT(with_token("token").output, HasSubstr("CPUS"));
  EXPECT_THAT(with_token("op.secret").errors, HasSubstr("401"));
}

TEST_F(AccessList, holds_over_https_and_nothing_is_said_in_the_clear) {
  if (!std::filesystem::exists("/usr/bin/openssl")) GTEST_SKIP() << "needs openssl";
  const Ended made =
      run({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
           "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=mesolite", "-addext",
           "subjectAltName=IP:127.0.0.1", "-keyout", file("tls.key"), "-out", file("tls.pem")});
  ASSERT_EQ(made.status, 0) << made.errors;
  ::chmod(file("tls.key").c_str(), 0600);
  ::setenv("SSL_CERT_FILE", file("tls.pem").c_str(), 1);  // NOLINT: no other thread runs
  ClusterOptions encrypted = options();
  encrypted.encrypted = true;
  encrypted.master_flags.insert(
      encrypted.master_flags.end(),
      {"--tls_certificate=" + file("tls.pem"), "--tls_key=" + file("tls.key")});
  Cluster cluster(encrypted);
  const Ended ran = mesolite("ann", cluster, {"run", "--", "echo", "in"});
  EXPECT_EQ(ran.output, "in\n") << ran.errors;
  EXPECT_THAT(list("op", cluster.master()).output, HasSubstr("CPUS"));
  const std::string plain = cluster.master().substr(std::string("https://").size());
  EXPECT_NE(list("op", plain).status, 0);
  ::unsetenv("SSL_CERT_FILE");  // NOLINT: likewise
  EXPECT_THAT(list("op", cluster.master()).errors, HasSubstr("certificate"));
}

TEST(Start, is_refused_where_others_can_come_and_nothing_says_who_may_do_what) {
  Scratch scratch;
  const Ended refused = run({built("sbin/mesos-master"), "--ip=0.0.0.0", "--port=0",
                             "--registry=in_memory", "--work_dir=" + (scratch / "m").string()});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.errors, HasSubstr("MESOS_permissive=true"));
}

TEST(Start, is_refused_with_files_that_others_can_write_or_read) {
  Scratch scratch;
  std::ofstream(scratch / "acls.toml") << "permissive = true\n";
  std::filesystem::permissions(scratch / "acls.toml", std::filesystem::perms(0666));
  const auto start = [&](Words flags) {
    flags.insert(flags.begin(), {built("sbin/mesos-master"), "--port=0", "--registry=in_memory",
                                 "--work_dir=" + (scratch / "m").string()});
    return run(flags).errors;
  };
  EXPECT_THAT(start({"--acls=" + (scratch / "acls.toml").string()}),
              HasSubstr("acls.toml' can be written by other users"));
  std::ofstream(scratch / "key") << "secret\n";
  const std::string key = (scratch / "key").string();
  EXPECT_THAT(start({"--bus_key=" + key, "--bus_trust=/nowhere"}),
              HasSubstr("key' is open to other users"));
  EXPECT_THAT(start({"--http_credentials=" + key}), HasSubstr("key' is open to other users"));
}

}  // namespace
}  // namespace mesolite::harness

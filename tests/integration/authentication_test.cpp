// Who does not know the secret stays outside, and is told why.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "mesolite/credentials/credentials.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

std::string private_file(const Scratch& scratch, const std::string& name, const std::string& text) {
  const auto path = scratch / name;
  std::ofstream(path) << text;
  ::chmod(path.c_str(), 0600);
  return path.string();
}

TEST(Authentication, by_shared_secret_lets_in_who_knows_it_and_nobody_else) {
  Scratch scratch;
  const std::string all = private_file(scratch, "all", "agent-1 wood\nann stone\n");
  const std::string of_agent = private_file(scratch, "agent", "agent-1 wood\n");
  Cluster cluster({.agents = 1,
                   .master_flags = {"--authenticators=shared-secret", "--credentials=" + all},
                   .agent_flags = {"--authenticatee=shared-secret", "--credential=" + of_agent}});
  const auto run_as = [&](const std::string& authenticator, const std::string& secret) {
    return run({built("bin/mesolite"), "run", "--master", cluster.master(), "--authenticator",
                authenticator, "--principal", "ann", "--secret-file",
                private_file(scratch, "secret", secret), "--", "echo", "in"});
  };
  const Ended known = run_as("shared-secret", "stone\n");
  EXPECT_EQ(known.output, "in\n") << known.errors;
  const Ended wrong = run_as("shared-secret", "sand\n");
  EXPECT_NE(wrong.status, 0);
  EXPECT_EQ(wrong.output, "");
  EXPECT_NE(wrong.errors, "");
  const Ended open = run_as("none", "stone\n");
  EXPECT_NE(open.status, 0);
  EXPECT_NE(open.errors.find("shared-secret"), std::string::npos) << open.errors;
}

std::string line_of(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// The whole way: master, agent, scheduler and operator, each with a secret of its own.
TEST(Authentication, by_scram_needs_only_hashes_at_the_server) {
  Scratch scratch;
  const std::string all = (scratch / "all").string();
  const auto credentials = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {built("bin/mesolite"), "credentials"});
    words.insert(words.end(), {"--file", all});
    const Ended ended = run(words);
    EXPECT_EQ(ended.status, 0) << ended.errors;
    return line_of(ended.output);
  };
  const std::string secret = credentials({"add", "agent-1"});
  private_file(scratch, "ann", "stone\n");
  credentials({"add", "ann", "--secret-file", (scratch / "ann").string()});
  EXPECT_EQ(read_file(all).find("stone"), std::string::npos);
  EXPECT_EQ(read_file(all).find(secret), std::string::npos);

  const std::string of_agent = private_file(scratch, "agent", "agent-1 " + secret + "\n");
  Cluster cluster({.agents = 1,
                   .master_flags = {"--authenticators=scram-sha-256", "--credentials=" + all},
                   .agent_flags = {"--authenticatee=scram-sha-256", "--credential=" + of_agent},
                   .authorization = basic_authorization("ann", "stone")});
  const auto mesolite = [&](std::vector<std::string> words, const std::string& secret_file) {
    words.insert(words.begin(), built("bin/mesolite"));
    words.insert(words.begin() + 2,
                 {"--master", cluster.master(), "--authenticator", "scram-sha-256", "--principal",
                  "ann", "--secret-file", (scratch / secret_file).string()});
    return run(words);
  };
  const Ended known = mesolite({"run", "--", "echo", "in"}, "ann");
  EXPECT_EQ(known.output, "in\n") << known.errors;
  EXPECT_EQ(mesolite({"weights", "eng=2"}, "ann").status, 0);
  private_file(scratch, "wrong", "sand\n");
  EXPECT_NE(mesolite({"run", "--", "echo", "in"}, "wrong").status, 0);
  const Ended refused = mesolite({"weights", "eng=3"}, "wrong");
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.errors.find("authentication of 'ann' was refused"), std::string::npos)
      << refused.errors;
  credentials({"remove", "ann"});
  EXPECT_NE(mesolite({"weights", "eng=3"}, "ann").status, 0);
}

}  // namespace
}  // namespace mesolite::harness

// Who does not know the secret stays outside, and is told why.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

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

}  // namespace
}  // namespace mesolite::harness

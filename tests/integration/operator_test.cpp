// What an operator asks by command line is carried out by a real master and a real agent.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

class Operator : public ::testing::Test {
 protected:
  // `mesolite <command> --master … <arguments>`
  Ended ask(std::string command, std::vector<std::string> arguments = {}) const {
    std::vector<std::string> line{built("bin/mesolite"), std::move(command), "--master",
                                  cluster.master()};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return run(std::move(line));
  }

  std::string agent() const {
    return nlohmann::json::parse(cluster.get("/state"))["slaves"][0]["id"].get<std::string>();
  }

  Cluster cluster{{.agents = 1, .resources = "cpus:4;mem:4096;disk:10000;ports:[31000-31999]"}};
};

TEST_F(Operator, sets_and_shows_weights_and_quota) {
  EXPECT_EQ(ask("weights").output, "every role weighs 1\n");
  const Ended set = ask("weights", {"eng=2", "ops=0.5"});
  EXPECT_EQ(set.output, "eng=2\nops=0.5\nevery other role weighs 1\n") << set.errors;
  const Ended quota = ask("quota", {"eng", "--guarantee", "cpus:1", "--limit", "cpus:2"});
  EXPECT_EQ(quota.output, "eng is guaranteed cpus:1 and holds at most cpus:2\n") << quota.errors;
  EXPECT_EQ(ask("quota").output, quota.output);
}

TEST_F(Operator, is_told_what_cannot_be) {
  const Ended quota = ask("quota", {"eng", "--guarantee", "cpus:100"});
  EXPECT_EQ(quota.status, 1);
  EXPECT_NE(quota.errors.find("cpus:100 would be guaranteed to all roles together"),
            std::string::npos)
      << quota.errors;
  const Ended nobody = ask("teardown", {"nobody"});
  EXPECT_EQ(nobody.status, 1);
  EXPECT_NE(nobody.errors.find("'nobody' names no framework"), std::string::npos);
  const Ended silence = run({built("bin/mesolite"), "weights", "--master", "127.0.0.1:1"});
  EXPECT_EQ(silence.status, 1);
  EXPECT_NE(silence.errors.find("no answer from the master at 127.0.0.1:1"), std::string::npos)
      << silence.errors;
}

TEST_F(Operator, reserves_and_makes_volumes_on_an_agent) {
  const std::string id = agent();
  const Ended reserved = ask("reserve", {id, "cpus:1;disk:500", "--role", "eng"});
  EXPECT_NE(reserved.output.find("cpus(eng):1"), std::string::npos) << reserved.errors;
  const std::vector<std::string> volume{id,     "disk:500", "--role", "eng",
                                        "--id", "logs",     "--path", "logs"};
  const Ended made = ask("create-volumes", volume);
  EXPECT_NE(made.output.find("disk(eng)[logs:logs]:500"), std::string::npos) << made.errors;
  const Ended in_the_way = ask("unreserve", {id, "disk:500", "--role", "eng"});
  EXPECT_EQ(in_the_way.status, 1);
  EXPECT_EQ(ask("destroy-volumes", volume).status, 0);
  const Ended back = ask("unreserve", {id, "cpus:1;disk:500", "--role", "eng"});
  EXPECT_NE(back.output.find("has cpus:4;mem:4096;disk:10000"), std::string::npos) << back.errors;
}

TEST_F(Operator, gives_a_role_what_its_tasks_then_use) {
  ASSERT_EQ(ask("reserve", {agent(), "cpus:4;mem:4096", "--role", "eng"}).status, 0);
  const Ended ran = ask("run", {"--role", "eng", "--cpus", "1", "--mem", "32", "--", "echo", "in"});
  EXPECT_EQ(ran.output, "in\n") << ran.errors;
}

}  // namespace
}  // namespace mesolite::harness

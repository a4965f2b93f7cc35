// What daemons say when they cannot start: one sentence, and the right exit status.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/cluster.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::harness {
namespace {

struct Case {
  std::string name;
  std::vector<std::string> arguments;  // the program first, as built() knows it
  int status;
  std::string says;
};

void PrintTo(const Case& what, std::ostream* out) {
  *out << what.name;
}

class Refusal : public ::testing::TestWithParam<Case> {};

TEST_P(Refusal, is_one_sentence_with_the_right_status) {
  Leftovers leftovers;
  std::vector<std::string> arguments = GetParam().arguments;
  arguments.front() = built(arguments.front());
  const Scratch work;
  std::replace(arguments.begin(), arguments.end(), std::string("--work_dir=WORK"),
               "--work_dir=" + work.path().string());
  const Ended ended = run(std::move(arguments));
  EXPECT_EQ(ended.status, GetParam().status) << ended.errors;
  EXPECT_NE(ended.errors.find(GetParam().says), std::string::npos) << ended.errors;
  EXPECT_EQ(std::count(ended.errors.begin(), ended.errors.end(), '\n'), 1) << ended.errors;
  EXPECT_EQ(ended.output, "");
}

INSTANTIATE_TEST_SUITE_P(
    Daemons, Refusal,
    ::testing::Values(
        Case{"unknown_flag", {"sbin/mesos-master", "--prot=5050"}, 64, "did you mean '--port'"},
        Case{"bad_value", {"sbin/mesos-agent", "--master=h:1", "--port=many"}, 64, "'many'"},
        Case{"missing_master", {"sbin/mesos-agent"}, 64, "master"},
        Case{"bad_master",
             {"sbin/mesos-agent", "--master=nowhere", "--work_dir=WORK"},
             1,
             "host:port"},
        Case{"unwritable_work_dir",
             {"sbin/mesos-master", "--work_dir=/proc/none"},
             1,
             "'/proc/none' (--work_dir)"},
        Case{"unknown_allocator",
             {"sbin/mesos-master", "--registry=in_memory", "--allocator=hierarchal"},
             1,
             "hierarchical"},
        Case{"unknown_isolator",
             {"sbin/mesos-agent", "--master=h:1", "--work_dir=WORK", "--isolation=posix/cpus"},
             1,
             "posix/cpu"},
        Case{"bad_resources",
             {"sbin/mesos-agent", "--master=h:1", "--work_dir=WORK", "--resources=cpus:x"},
             1,
             "--resources"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Flags, a_port_in_use_is_named) {
  Cluster cluster({.agents = 0});
  const std::string port = cluster.master().substr(cluster.master().find(':') + 1);
  const Ended ended =
      run({built("sbin/mesos-master"), "--registry=in_memory", "--port=" + port, "--bus_port=1"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_NE(ended.errors.find("cannot listen"), std::string::npos) << ended.errors;
}

TEST(Flags, help_and_version_are_answers_and_not_errors) {
  for (const char* program :
       {"sbin/mesos-master", "sbin/mesos-agent", "sbin/mesos-slave", "bin/mesolite"}) {
    for (const char* flag : {"--help", "--version"}) {
      const Ended ended = run({built(program), flag});
      EXPECT_EQ(ended.status, 0) << program << ' ' << flag;
      EXPECT_FALSE(ended.output.empty());
      EXPECT_EQ(ended.errors, "");
    }
  }
}

TEST(Flags, an_unknown_command_of_mesolite_is_bad_usage) {
  EXPECT_EQ(run({built("bin/mesolite"), "dance"}).status, 64);
  EXPECT_EQ(run({built("bin/mesolite"), "run"}).status, 64);
  EXPECT_EQ(run({built("bin/mesolite")}).status, 64);
}

}  // namespace
}  // namespace mesolite::harness

// The deploy scripts, with daemons and an ssh that only pretend.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kernel/config/options.hpp"
#include "mesolite/base/text.hpp"
#include "tests/support/program.hpp"

namespace mesolite::harness {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

// Serves until it is told to end, unless its variables want it otherwise.
constexpr const char* daemon_text = R"(#!/bin/sh
echo "$0 $*; cluster ${MESOS_CLUSTER-}" >&2
case ${MESOS_pretend-} in
  broken) echo "cannot listen on 10.9.8.7" >&2; exit 3 ;;
  deaf) trap '' TERM ;;
  *) trap 'exit 0' TERM ;;
esac
if [ "${MESOS_pretend-}" != slow ]; then echo "ready http://127.0.0.1:5050"; fi
while :; do sleep 0.05; done
)";

// Runs the command here, as the host that it is for; "down" does not answer.
constexpr const char* ssh_text = R"(#!/bin/sh
for word; do
  host=${command-}
  command=$word
done
echo "$host" >>"$PRETENDED/hosts"
if [ "$host" = down ]; then
  echo "ssh: connect to host down port 22: Connection refused" >&2
  exit 255
fi
MESOS_PID_DIR=$PRETENDED/$host exec sh -c "$command"
)";

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

void write_program(const fs::path& file, const std::string& text) {
  write(file, text);
  fs::permissions(file, fs::perms::owner_all);
}

// What `cmake --install` makes, but for the daemons.
class Deploy : public ::testing::Test {
 protected:
  Deploy() {
    const fs::path source = fs::path(MESOLITE_SOURCE_DIR) / "kernel/deploy";
    fs::create_directories(prefix_ / "sbin");
    for (const auto& entry : fs::directory_iterator(source)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("mesos-") && name.ends_with(".sh")) {
        fs::copy(entry.path(), prefix_ / "sbin" / name);
      }
    }
    fs::create_directories(prefix_ / "libexec/mesolite");
    fs::copy(source / "deploy.sh", prefix_ / "libexec/mesolite/deploy.sh");
    for (const char* name : {"mesos-master", "mesos-agent", "mesos-slave"}) {
      write_program(prefix_ / "sbin" / name, daemon_text);
    }
    write_program(prefix_ / "bin/ssh", ssh_text);
  }

  ~Deploy() override {
    // Remote ones have process numbers of their own.
    for (const auto& entry : fs::recursive_directory_iterator(prefix_.path())) {
      if (entry.path().extension() == ".pid") pid_t_of(entry.path(), SIGKILL);
    }
    eventually([] { return descendants().empty(); });
  }

  Ended script(const std::string& name, std::vector<std::string> arguments = {},
               std::vector<std::string> environment = {}) {
    arguments.insert(arguments.begin(), {"/bin/sh", (prefix_ / "sbin" / name).string()});
    environment.push_back("PATH=" + (prefix_ / "bin").string() + ":/usr/sbin:/usr/bin:/sbin:/bin");
    environment.push_back("PRETENDED=" + prefix_.path().string());
    environment.push_back("MESOS_STOP_TIMEOUT=1");
    return run(std::move(arguments), std::move(environment));
  }

  Ended daemon(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
    return script("mesos-daemon.sh", std::move(arguments), std::move(environment));
  }

  void configure(const std::string& name, const std::string& text) {
    write(prefix_ / "etc/mesos" / name, text);
  }

  fs::path pid_file(const std::string& program) const {
    return prefix_ / "var/run/mesos" / (program + ".pid");
  }

  static pid_t pid_t_of(const fs::path& file, int signal = 0) {
    pid_t pid = 0;
    std::ifstream(file) >> pid;
    if (pid > 0) ::kill(pid, signal);
    return pid;
  }

  static bool runs(pid_t pid) {
    const std::string line = read_file("/proc/" + std::to_string(pid) + "/cmdline");
    return pid > 0 && !line.empty();
  }

  Leftovers leftovers_;
  Scratch prefix_;
};

TEST_F(Deploy, a_daemon_has_started_when_it_serves_and_is_ended_by_its_number) {
  const Ended started = daemon({"mesos-master"});
  EXPECT_EQ(started.status, 0) << started.errors;
  EXPECT_THAT(started.output, HasSubstr("mesos-master serves at http://127.0.0.1:5050"));
  const pid_t pid = pid_t_of(pid_file("mesos-master"));
  EXPECT_TRUE(runs(pid));
  EXPECT_EQ(::getsid(pid), pid) << "it ends with the terminal it was started from";

  const Ended again = daemon({"mesos-master"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.output, HasSubstr("runs already, as process " + std::to_string(pid)));

  const Ended stopped = daemon({"--stop", "mesos-master"});
  EXPECT_EQ(stopped.status, 0) << stopped.errors;
  EXPECT_FALSE(runs(pid));
  EXPECT_FALSE(fs::exists(pid_file("mesos-master")));
  EXPECT_THAT(daemon({"--stop", "mesos-master"}).output, HasSubstr("does not run"));
}

TEST_F(Deploy, a_daemon_that_does_not_start_is_shown_with_its_last_words) {
  const Ended ended = daemon({"mesos-agent"}, {"MESOS_pretend=broken"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.errors, HasSubstr("mesos-agent did not start: it ended with status 3"));
  EXPECT_THAT(ended.errors, HasSubstr("  cannot listen on 10.9.8.7"));
  EXPECT_FALSE(fs::exists(pid_file("mesos-agent")));
}

TEST_F(Deploy, a_daemon_that_never_serves_is_a_failure_that_names_its_process) {
  const Ended ended = daemon({"mesos-agent"}, {"MESOS_pretend=slow", "MESOS_START_TIMEOUT=1"});
  EXPECT_EQ(ended.status, 1);
  const pid_t pid = pid_t_of(pid_file("mesos-agent"));
  EXPECT_THAT(ended.errors, HasSubstr("process " + std::to_string(pid) + " goes on trying"));
  EXPECT_EQ(daemon({"--stop", "mesos-agent"}).status, 0);
}

TEST_F(Deploy, a_daemon_that_does_not_end_is_killed_and_that_is_a_failure) {
  ASSERT_EQ(daemon({"mesos-master"}, {"MESOS_pretend=deaf"}).status, 0);
  const pid_t pid = pid_t_of(pid_file("mesos-master"));
  const Ended stopped = daemon({"--stop", "mesos-master"});
  EXPECT_EQ(stopped.status, 1);
  EXPECT_THAT(stopped.errors, HasSubstr("was killed"));
  EXPECT_TRUE(eventually([&] { return !runs(pid); }));
}

TEST_F(Deploy, a_number_that_was_given_to_another_process_means_nobody) {
  Program other({"/bin/sleep", "1000"});
  // The right number with a beginning that is not its own.
  write(pid_file("mesos-master"), std::to_string(other.process().pid()) + " 1 some-boot\n");
  EXPECT_THAT(daemon({"--stop", "mesos-master"}).output, HasSubstr("does not run"));
  EXPECT_FALSE(other.process().exit_status());
  // And another program of the same name is none of ours.
  Program namesake({(prefix_ / "sbin/mesos-master").string()});
  ASSERT_TRUE(namesake.says("ready"));
  EXPECT_EQ(daemon({"mesos-master"}).status, 0);
  EXPECT_EQ(daemon({"--stop", "mesos-master"}).status, 0);
  EXPECT_FALSE(namesake.process().exit_status());
  other.signal(SIGKILL);
  namesake.signal(SIGKILL);
  EXPECT_TRUE(other.wait());
  EXPECT_TRUE(namesake.wait());
}

TEST_F(Deploy, a_daemon_has_the_variables_of_its_own_file_and_logs_where_they_say) {
  const std::string log_dir = (prefix_ / "logs").string();
  configure("mesos-master-env.sh",
            "export MESOS_CLUSTER=blue\nexport MESOS_LOG_DIR=" + log_dir + "\n");
  configure("mesos-agent-env.sh", "export MESOS_CLUSTER=red\n");
  ASSERT_EQ(daemon({"mesos-master", "--port=7"}).status, 0);
  const std::string said = read_file(log_dir + "/mesos-master.out");
  EXPECT_THAT(said, HasSubstr("--port=7 --quiet; cluster blue"));
  EXPECT_EQ(daemon({"--stop", "mesos-master"}).status, 0);
}

TEST_F(Deploy, an_unknown_program_is_bad_usage) {
  EXPECT_EQ(daemon({"mesos-scheduler"}).status, 64);
  EXPECT_EQ(daemon({}).status, 64);
  EXPECT_EQ(daemon({"--stop"}).status, 64);
  EXPECT_EQ(daemon({"--help"}).status, 0);
}

TEST_F(Deploy, without_files_of_hosts_it_is_this_machine_alone) {
  const Ended started = script("mesos-start-masters.sh");
  EXPECT_EQ(started.status, 0) << started.errors;
  EXPECT_THAT(started.errors, HasSubstr("etc/mesos/masters: this machine alone"));
  EXPECT_TRUE(runs(pid_t_of(pid_file("mesos-master"))));
  EXPECT_EQ(script("mesos-stop-masters.sh").status, 0);
  EXPECT_FALSE(fs::exists(prefix_ / "hosts")) << "it asked ssh";
}

TEST_F(Deploy, this_machine_under_any_of_its_names_needs_no_ssh) {
  char name[256] = {};
  ASSERT_EQ(::gethostname(name, sizeof name - 1), 0);
  configure("masters", "127.0.0.1\n" + std::string(name) + "\nlocalhost\n");
  const Ended started = script("mesos-start-masters.sh");
  EXPECT_EQ(started.status, 0) << started.errors;
  EXPECT_FALSE(fs::exists(prefix_ / "hosts"));
  // All three at a time, and yet it is started once.
  EXPECT_THAT(started.output, HasSubstr("mesos-master serves at"));
  EXPECT_THAT(started.output, HasSubstr("runs already"));
  EXPECT_EQ(script("mesos-stop-masters.sh").status, 0);
}

TEST_F(Deploy, a_cluster_is_the_union_of_both_files_each_host_once) {
  configure("masters", "h1\n");
  configure("agents", "# the fast ones\nh2  # in the cellar\n\nh3\r\nh2\n");
  configure("slaves", "h3\nh4\n");
  const Ended started = script("mesos-start-cluster.sh");
  EXPECT_EQ(started.status, 0) << started.errors;
  EXPECT_TRUE(runs(pid_t_of(prefix_ / "h1/mesos-master.pid"))) << started.output;
  EXPECT_TRUE(runs(pid_t_of(prefix_ / "h2/mesos-agent.pid")));
  EXPECT_TRUE(runs(pid_t_of(prefix_ / "h3/mesos-agent.pid")));
  EXPECT_TRUE(runs(pid_t_of(prefix_ / "h4/mesos-slave.pid")));
  EXPECT_FALSE(fs::exists(prefix_ / "h3/mesos-slave.pid"));
  const std::string hosts = read_file(prefix_ / "hosts");
  EXPECT_EQ(std::count(hosts.begin(), hosts.end(), '\n'), 4) << hosts;

  const Ended stopped = script("mesos-stop-cluster.sh");
  EXPECT_EQ(stopped.status, 0) << stopped.errors;
  EXPECT_TRUE(eventually([] { return descendants().empty(); }));
}

TEST_F(Deploy, a_file_that_is_absent_is_replaced_by_the_other_one) {
  configure("slaves", "h5\n");
  EXPECT_EQ(script("mesos-start-agents.sh").status, 0);
  EXPECT_TRUE(runs(pid_t_of(prefix_ / "h5/mesos-agent.pid")));
  EXPECT_EQ(script("mesos-stop-agents.sh").status, 0);
  fs::remove(prefix_ / "etc/mesos/slaves");
  configure("agents", "h6\n");
  EXPECT_EQ(script("mesos-start-slaves.sh").status, 0);
  EXPECT_TRUE(runs(pid_t_of(prefix_ / "h6/mesos-slave.pid")));
  EXPECT_EQ(script("mesos-stop-slaves.sh").status, 0);
}

TEST_F(Deploy, a_host_that_fails_is_named_and_the_others_are_started) {
  configure("agents", "h7\ndown\nh8\n");
  const Ended started = script("mesos-start-agents.sh");
  EXPECT_EQ(started.status, 1);
  EXPECT_THAT(started.errors, HasSubstr("failed on: down\n"));
  EXPECT_THAT(started.output, HasSubstr("down: ssh: connect to host down"));
  EXPECT_TRUE(runs(pid_t_of(prefix_ / "h7/mesos-agent.pid")));
  EXPECT_TRUE(runs(pid_t_of(prefix_ / "h8/mesos-agent.pid")));
  configure("agents", "h7\nh8\n");
  EXPECT_EQ(script("mesos-stop-agents.sh").status, 0);
}

TEST_F(Deploy, without_its_masters_a_cluster_is_not_started) {
  configure("masters", "down\n");
  configure("agents", "h9\n");
  EXPECT_EQ(script("mesos-start-cluster.sh").status, 1);
  EXPECT_FALSE(fs::exists(prefix_ / "h9"));
}

TEST_F(Deploy, a_line_that_is_no_host_is_refused_before_anything_happens) {
  for (const char* wrong : {"a b", "-oProxyCommand=x", "h1;reboot", "$(x)", "a/b"}) {
    configure("agents", "h1\n" + std::string(wrong) + "\n");
    const Ended started = script("mesos-start-agents.sh");
    EXPECT_EQ(started.status, 1) << wrong;
    EXPECT_THAT(started.errors, HasSubstr("etc/mesos/agents:2: expected the name")) << wrong;
    EXPECT_FALSE(fs::exists(prefix_ / "hosts")) << wrong;
  }
}

// The setup guide's own lines, as its env files export them.
TEST(SetupGuide, every_variable_is_understood_under_its_name) {
  const char* program[] = {"mesos-master"};
  const char* master[] = {"MESOS_log_dir=/var/log/mesos/master",
                          "MESOS_work_dir=/var/run/mesos",
                          "MESOS_ip=127.0.0.1",
                          "MESOS_port=5050",
                          "MESOS_CLUSTER=mesos_test_cluster1",
                          "MESOS_hostname=127.0.0.1",
                          "MESOS_logging_level=INFO",
                          "MESOS_offer_timeout=60secs",
                          "MESOS_agent_ping_timeout=15",
                          "MESOS_allocation_interval=1",
                          nullptr};
  const auto flags = config::load_master(1, program, master);
  ASSERT_TRUE(flags) << flags.error().message;
  EXPECT_TRUE(flags->warnings.empty());
  EXPECT_EQ(flags->options.cluster, "mesos_test_cluster1");
  EXPECT_EQ(flags->options.offer_timeout, 60s);
  EXPECT_EQ(flags->options.agent_ping_timeout, 15s);
  EXPECT_EQ(flags->options.allocation_interval, 1s);
  EXPECT_EQ(flags->options.log_dir, "/var/log/mesos/master");
  const char* agent[] = {"MESOS_master=172.24.133.164:5050",
                         "MESOS_ip=172.24.133.164",
                         "MESOS_port=5051",
                         "MESOS_hostname=mesos_cl_agent164",
                         "MESOS_log_dir=/var/log/mesos/agent",
                         "MESOS_work_dir=/var/run/mesos/agent",
                         "MESOS_logging_level=INFO",
                         "MESOS_isolation=cgroups",
                         nullptr};
  const auto agent_flags = config::load_agent(1, program, agent);
  ASSERT_TRUE(agent_flags) << agent_flags.error().message;
  EXPECT_EQ(agent_flags->options.master, "172.24.133.164:5050");
  EXPECT_EQ(agent_flags->options.isolation, std::vector<std::string>{"cgroups"});
}

// What is exported by the templates, commented out or not, must be a variable of its daemon.
TEST(SetupGuide, the_templates_name_only_what_there_is) {
  for (const auto& [name, table] :
       {std::pair("master", config::master_table()), std::pair("agent", config::agent_table()),
        std::pair("slave", config::agent_table())}) {
    const std::string text = read_file(fs::path(MESOLITE_SOURCE_DIR) / "kernel/deploy" /
                                       ("mesos-" + std::string(name) + "-env.sh.template"));
    std::size_t count = 0;
    for (const std::string_view line : split(text, '\n')) {
      constexpr std::string_view word = "export MESOS_";
      const std::size_t at = line.find(word);
      if (at == std::string_view::npos) continue;
      const std::string option = lower(line.substr(at + word.size(), line.find('=') - at - 13));
      const bool known =
          std::any_of(table.options.begin(), table.options.end(),
                      [&](const config::OptionSpec& spec) { return spec.name == option; });
      EXPECT_TRUE(known) << name << ": " << line;
      ++count;
    }
    EXPECT_GT(count, 7u) << name;
  }
}

}  // namespace
}  // namespace mesolite::harness

// Walks through the setup guide, step by step, on three hosts: one master and two agents, one of
// them under its old name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "tests/support/hosts.hpp"

namespace mesolite::harness {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* sshd_configuration =
    "HostKey /root/.ssh/host_key\\nPermitRootLogin prohibit-password\\nUsePAM no\\n"
    "PasswordAuthentication no\\nPidFile none\\n";

class SetupGuide : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto problem = hosts_problem(); !problem.empty()) GTEST_SKIP() << problem;
    if (!fs::exists("/usr/sbin/sshd")) GTEST_SKIP() << "needs openssh-server";
    const std::string prefix = MESOLITE_BUILD_DIR;  // has the shape of an installation
    fs::create_directories(prefix + "/var");
    hosts_.emplace(3, std::vector<std::string>{"/root", "/run", "/var/log", "/var/lib",
                                               prefix + "/etc/mesos", prefix + "/var"});
    for (int host = 1; host <= 3; ++host) set_up_ssh(host);
    for (int host = 2; host <= 3; ++host) trust_first(host);
    expect(1, "ssh-keygen -q -t rsa -f /root/.ssh/mesos1.rsa -N '' -C mesos1");
    // As the guide does it by hand: the key is carried over, then one logs in once.
    const std::string key = expect(1, "cat /root/.ssh/mesos1.rsa.pub").output;
    for (int host = 2; host <= 3; ++host) {
      expect(host, "printf '%s' '" + key + "' >>/root/.ssh/authorized_keys");
      expect(1,
             "ssh -i /root/.ssh/mesos1.rsa -o BatchMode=yes -o StrictHostKeyChecking=accept-new " +
                 Hosts::address(host) + " true");
    }
    configure();
  }

  Ended expect(int host, const std::string& text) {
    Ended ended = hosts_->run(host, text);
    EXPECT_EQ(ended.status, 0) << text << "\n" << ended.output << ended.errors;
    return ended;
  }

  void set_up_ssh(int host) {
    expect(host,
           "mkdir -p -m 700 /root/.ssh /run/sshd && chmod 700 /root && "
           "ssh-keygen -q -t ed25519 -f /root/.ssh/host_key -N '' && printf '" +
               std::string(sshd_configuration) + "ListenAddress " + Hosts::address(host) +
               "\\n' >/root/sshd.conf && /usr/sbin/sshd -f /root/sshd.conf");
  }

  void trust_first(int host) { expect(host, "touch /root/.ssh/authorized_keys"); }

  void write(int host, const std::string& file, const std::string& text) {
    expect(host, "cat >'" + file + "' <<'END'\n" + text + "END\n");
  }

  // The template as it was installed, and the lines below it.
  void write_environment(int host, const std::string& program, const std::string& lines) {
    const std::string name = "mesos-" + program + "-env.sh";
    write(
        host, std::string(MESOLITE_BUILD_DIR) + "/etc/mesos/" + name,
        read_file(fs::path(MESOLITE_SOURCE_DIR) / "kernel/deploy" / (name + ".template")) + lines);
  }

  // Chapters 4 to 6, with the guide's own lines.
  void configure() {
    const std::string folder = std::string(MESOLITE_BUILD_DIR) + "/etc/mesos/";
    write_environment(1, "master",
                      "export MESOS_log_dir=/var/log/mesos/master\n"
                      "export MESOS_work_dir=/var/lib/mesos/master\n"
                      "export MESOS_ip=192.168.100.11\n"
                      "# export MESOS_port=5050\n"
                      "export MESOS_CLUSTER=mesos_cluster1\n"
                      "export MESOS_hostname=mesos1\n"
                      "export MESOS_logging_level=INFO\n"
                      "export MESOS_offer_timeout=60secs\n"
                      "# export MESOS_agent_ping_timeout=15\n"
                      "# export MESOS_allocation_interval=1\n");
    write(1, folder + "masters", "192.168.100.11\n");
    write(1, folder + "agents", "192.168.100.12\n");
    write(1, folder + "slaves", "192.168.100.13\n");
    write_environment(2, "agent",
                      "export MESOS_master=192.168.100.11:5050\n"
                      "export MESOS_ip=192.168.100.12\n"
                      "export MESOS_port=5051\n"
                      "export MESOS_hostname=mesos2\n"
                      "export MESOS_log_dir=/var/log/mesos/agent\n"
                      "export MESOS_work_dir=/var/run/mesos/agent\n"
                      "export MESOS_logging_level=INFO\n");
    write_environment(3, "slave",
                      "export MESOS_master=192.168.100.11:5050\n"
                      "export MESOS_ip=192.168.100.13\n"
                      "export MESOS_port=5051\n"
                      "export MESOS_hostname=mesos3\n"
                      "export MESOS_log_dir=/var/log/mesos/slave\n"
                      "export MESOS_work_dir=/var/run/mesos/slave\n"
                      "export MESOS_logging_level=INFO\n");
  }

  // `sh mesos-….sh` in sbin, with the key in an ssh-agent.
  Ended script(const std::string& name) {
    return hosts_->run(1, "cd '" + std::string(MESOLITE_BUILD_DIR) +
                              "/sbin' && ssh-agent sh -c 'ssh-add -q /root/.ssh/mesos1.rsa && sh " +
                              name + "'");
  }

  std::string listening(int host) { return hosts_->run(host, "ss -nltp").output; }

  std::string agents() {
    return hosts_
        ->run(1, std::string(MESOLITE_BUILD_DIR) +
                     "/bin/mesolite agents --master=" + Hosts::address(1) + ":5050")
        .output;
  }

  bool all_registered() {
    const std::string table = agents();
    return table.find(Hosts::address(2) + ":5051") != std::string::npos &&
           table.find(Hosts::address(3) + ":5051") != std::string::npos;
  }

  // Nothing of ours is left on any host.
  void expect_nothing_left() {
    for (int host = 1; host <= 3; ++host) {
      const std::string processes = hosts_->run(host, "ps -eo comm").output;
      EXPECT_THAT(processes, Not(HasSubstr("mesos-"))) << "host " << host;
      EXPECT_THAT(processes, Not(HasSubstr("mesolite"))) << "host " << host;
      EXPECT_THAT(listening(host), Not(HasSubstr(":505"))) << "host " << host;
    }
  }

  Leftovers leftovers_;
  std::optional<Hosts> hosts_;
};

TEST_F(SetupGuide, a_cluster_is_started_used_and_stopped_from_its_first_host) {
  const Ended started = script("mesos-start-cluster.sh");
  ASSERT_EQ(started.status, 0) << started.output << started.errors;
  EXPECT_THAT(started.output, HasSubstr("192.168.100.11: mesos-master serves at"));
  EXPECT_THAT(started.output, HasSubstr("192.168.100.12: mesos-agent serves at"));
  EXPECT_THAT(started.output, HasSubstr("192.168.100.13: mesos-slave serves at"));
  EXPECT_THAT(listening(1), HasSubstr("192.168.100.11:5050"));
  EXPECT_THAT(listening(1), HasSubstr("mesos-master"));
  EXPECT_THAT(listening(2), HasSubstr("192.168.100.12:5051"));
  EXPECT_THAT(listening(3), HasSubstr("192.168.100.13:5051"));
  EXPECT_TRUE(eventually([&] { return all_registered(); })) << agents();

  // What the guide's file says of tmpfs is warned of, once.
  const std::string log = expect(2, "cat /var/log/mesos/agent/mesos-agent.log").output;
  EXPECT_THAT(log, HasSubstr("work_dir_in_memory path=/var/run/mesos/agent"));

  const Ended ran = hosts_->run(
      1, std::string(MESOLITE_BUILD_DIR) + "/bin/mesolite run --master=" + Hosts::address(1) +
             ":5050 --mem=32 --cpus=0.1 -- sh -c 'echo ran on $(hostname)'");
  EXPECT_EQ(ran.status, 0) << ran.errors;
  EXPECT_THAT(ran.output, HasSubstr("ran on mesos"));

  const Ended stopped = script("mesos-stop-cluster.sh");
  EXPECT_EQ(stopped.status, 0) << stopped.output << stopped.errors;
  expect_nothing_left();
}

TEST_F(SetupGuide, masters_agents_and_slaves_are_started_and_stopped_apart) {
  for (const char* whom : {"masters", "agents", "slaves"}) {
    const Ended started = script("mesos-start-" + std::string(whom) + ".sh");
    EXPECT_EQ(started.status, 0) << started.output << started.errors;
  }
  EXPECT_TRUE(eventually([&] { return all_registered(); })) << agents();
  for (const char* whom : {"slaves", "agents", "masters"}) {
    const Ended stopped = script("mesos-stop-" + std::string(whom) + ".sh");
    EXPECT_EQ(stopped.status, 0) << stopped.output << stopped.errors;
  }
  expect_nothing_left();
}

TEST_F(SetupGuide, a_daemon_that_cannot_start_is_shown_from_the_first_host) {
  write(2, std::string(MESOLITE_BUILD_DIR) + "/etc/mesos/mesos-agent-env.sh",
        "export MESOS_master=192.168.100.11\nexport MESOS_work_dir=/var/lib/mesos\n");
  const Ended started = script("mesos-start-agents.sh");
  EXPECT_EQ(started.status, 1);
  EXPECT_THAT(started.errors, HasSubstr("failed on: 192.168.100.12"));
  EXPECT_THAT(started.output, HasSubstr("192.168.100.12:   mesos-agent: --master: expected host"));
  expect_nothing_left();
}

}  // namespace
}  // namespace mesolite::harness

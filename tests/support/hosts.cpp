#include "tests/support/hosts.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace mesolite::harness {
namespace {

constexpr Duration command_patience = 120s;

Ended run_patiently(std::vector<std::string> arguments) {
  Program program(std::move(arguments));
  const auto status = program.wait(command_patience);
  EXPECT_TRUE(status) << "a command on a host does not end: " << program.output();
  return {status.value_or(-1), program.output(), program.errors()};
}

bool runs(pid_t process) {
  return !read_file("/proc/" + std::to_string(process) + "/cmdline").empty();
}

}  // namespace

std::string Hosts::address(int host) {
  return "192.168.100." + std::to_string(10 + host);
}

std::string hosts_problem() {
  if (::geteuid() != 0) return "needs root";
  if (run({"/usr/bin/unshare", "--net", "--mount", "--pid", "--fork", "/bin/true"}).status != 0) {
    return "needs namespaces";
  }
  return "";
}

Hosts::Hosts(int count, std::vector<std::string> own) {
  std::ofstream names(files_ / "hosts");
  names << "127.0.0.1 localhost\n";
  for (int host = 1; host <= count; ++host) names << address(host) << " mesos" << host << '\n';
  names.close();
  hub_ = std::make_unique<Program>(
      std::vector<std::string>{"/usr/bin/unshare", "--net", "/bin/sh", "-c",
                               "ip link add bridge type bridge && ip link set bridge up && echo "
                               "made && exec sleep 1000000"});
  EXPECT_TRUE(hub_->says("made")) << hub_->errors();
  hosts_.resize(static_cast<std::size_t>(count));
  for (int host = 1; host <= count; ++host) add(host, own);
}

Hosts::~Hosts() {
  std::vector<pid_t> inside;
  for (Host& host : hosts_) {
    for (const pid_t pid : descendants_of(host.keeper->process().pid())) inside.push_back(pid);
    host.keeper->signal(SIGKILL);  // takes all in its namespace of processes along, by and by
    EXPECT_TRUE(host.keeper->wait());
  }
  EXPECT_TRUE(eventually([&] { return std::none_of(inside.begin(), inside.end(), runs); }));
  hub_->signal(SIGKILL);
  EXPECT_TRUE(hub_->wait());
}

void Hosts::add(int number, const std::vector<std::string>& own) {
  Host& host = hosts_.at(static_cast<std::size_t>(number - 1));
  std::string text = "set -e; hostname mesos" + std::to_string(number) + "; mount --bind " +
                     (files_ / "hosts").string() + " /etc/hosts; ip link set lo up; ";
  for (const std::string& folder : own) {
    text += "mount -t tmpfs -o mode=0755 own '" + folder + "'; ";
  }
  // Its first process buries the others, as an init does.
  text += "echo made; while :; do sleep 1000000 & wait; done";
  host.keeper = std::make_unique<Program>(std::vector<std::string>{
      "/usr/bin/unshare", "--net", "--uts", "--ipc", "--mount", "--pid", "--fork",
      "--kill-child=KILL", "--mount-proc", "/bin/sh", "-c", text});
  EXPECT_TRUE(host.keeper->says("made")) << host.keeper->errors();
  const auto below = descendants_of(host.keeper->process().pid());
  if (below.empty()) {
    ADD_FAILURE() << "a host has no process";
    return;
  }
  host.first = below.front();
  const std::string link = "to" + std::to_string(number);
  const Ended wired =
      in_hub("ip link add " + link + " type veth peer name eth0 netns " +
             std::to_string(host.first) + " && ip link set " + link + " master bridge up");
  EXPECT_EQ(wired.status, 0) << wired.errors;
  const Ended up =
      run(number, "ip address add " + address(number) + "/24 dev eth0 && ip link set eth0 up");
  EXPECT_EQ(up.status, 0) << up.errors;
}

Ended Hosts::in_hub(const std::string& text) const {
  return run_patiently({"/usr/bin/nsenter", "--target", std::to_string(hub_->process().pid()),
                        "--net", "/bin/sh", "-c", text});
}

std::vector<std::string> Hosts::on(int host, const std::string& text) const {
  const pid_t first = hosts_.at(static_cast<std::size_t>(host - 1)).first;
  return {"/usr/bin/nsenter",
          "--target",
          std::to_string(first),
          "--net",
          "--uts",
          "--ipc",
          "--mount",
          "--pid",
          "/bin/sh",
          "-c",
          text};
}

Ended Hosts::run(int host, const std::string& text) const {
  return run_patiently(on(host, text));
}

void Hosts::cut(int host) {
  EXPECT_EQ(in_hub("ip link set to" + std::to_string(host) + " down").status, 0);
}

void Hosts::join(int host) {
  EXPECT_EQ(in_hub("ip link set to" + std::to_string(host) + " up").status, 0);
}

}  // namespace mesolite::harness

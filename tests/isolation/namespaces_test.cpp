#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "mesolite/module/cgroups.hpp"
#include "modules/isolators/namespaces-ipc/namespaces_ipc.hpp"
#include "modules/isolators/namespaces-mount/namespaces_mount.hpp"
#include "modules/isolators/namespaces-pid/namespaces_pid.hpp"
#include "modules/isolators/namespaces-uts/namespaces_uts.hpp"
#include "tests/isolation/isolated.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Namespaces : public Isolated {
 protected:
  void SetUp() override {
    Isolated::SetUp();
    if (IsSkipped()) return;
    add<namespaces_pid::PidNamespaceIsolator>("namespaces/pid", namespaces_pid::Parameters{});
    add<namespaces_ipc::IpcNamespaceIsolator>("namespaces/ipc", namespaces_ipc::Parameters{});
    add<namespaces_uts::UtsNamespaceIsolator>("namespaces/uts", namespaces_uts::Parameters{});
    add<namespaces_mount::MountNamespaceIsolator>("namespaces/mount",
                                                  namespaces_mount::Parameters{});
    start();
  }
};

TEST_F(Namespaces, a_task_sees_its_own_processes_only) {
  launch("other", "exec sleep 1000");
  ASSERT_TRUE(next<Launched>("other"));
  EXPECT_EQ(ask("c", "set -- /proc/[0-9]*; echo $#"), "2") << "init and the shell";
  EXPECT_EQ(ask("d", "cat /proc/1/comm"), "mesolite-init");
}

TEST_F(Namespaces, the_true_status_of_a_task_comes_out_past_its_init) {
  EXPECT_EQ(WEXITSTATUS(run("three", "exit 3")), 3);
  const int killed = run("killed", "kill -9 $$");
  EXPECT_TRUE(WIFSIGNALED(killed));
  EXPECT_EQ(WTERMSIG(killed), SIGKILL);
}

TEST_F(Namespaces, signals_reach_the_task_through_its_init) {
  launch("c", "trap 'exit 7' TERM; echo $$ > ready; while :; do sleep 0.05; done");
  ASSERT_GT(pid_in("c", "ready"), 0);
  containerizer_->terminate(ContainerId("c"));
  const auto exited = next<Exited>("c");
  ASSERT_TRUE(exited);
  EXPECT_EQ(WEXITSTATUS(exited->exit_status), 7);
}

TEST_F(Namespaces, what_cut_every_tie_ends_with_its_container) {
  launch("stays", "exec sleep 1000");
  launch("c",
         "(setsid env -i sh -c 'echo $$ > pid; cd /; exec setsid -f sleep 4322 >/dev/null 2>&1' &);"
         "while [ ! -s pid ]; do sleep 0.01; done; exec sleep 1000");
  pid_in("c", "pid");
  const auto runs = [] {
    for (const auto& entry : fs::directory_iterator("/proc")) {
      if (read(entry.path().string() + "/cmdline") == std::string("sleep\0004322\0", 11)) {
        return true;
      }
    }
    return false;
  };
  ASSERT_TRUE(wait_until(runs));
  containerizer_->destroy(ContainerId("c"));
  ASSERT_TRUE(next<Exited>("c"));
  EXPECT_FALSE(runs()) << "Exited means that nothing is left, while another container still runs";
}

TEST_F(Namespaces, orphans_of_a_task_are_reaped_by_its_init) {
  EXPECT_EQ(ask("c",
                "(setsid sh -c 'exit 0' &); sleep 0.2; grep -l '^State:.Z' /proc/[0-9]*/status;"
                " true"),
            "");
}

TEST_F(Namespaces, sandboxes_of_others_are_not_there) {
  launch("other", "echo secret > secret; echo $$ > ready; exec sleep 1000");
  ASSERT_GT(pid_in("other", "ready"), 0);
  const std::string others = work_.sandbox("other") + "/secret";
  EXPECT_THAT(ask("c", "cat " + others), HasSubstr("No such file or directory"));
  EXPECT_EQ(ask("d", "pwd; touch mine; find " + work_.path() + " -type f | sort"),
            work_.sandbox("d") + "\n" + work_.sandbox("d") + "/mine\n" + work_.sandbox("d") +
                "/stderr\n" + work_.sandbox("d") + "/stdout");
  EXPECT_TRUE(fs::exists(work_.sandbox("d") + "/mine")) << "its own is the real one";
}

TEST_F(Namespaces, the_agents_memory_and_environment_are_out_of_reach) {
  const std::string agent = std::to_string(::getpid());
  for (const char* file : {"environ", "mem", "maps", "cmdline"}) {
    EXPECT_THAT(ask(std::string("c-") + file, "cat /proc/" + agent + "/" + file),
                HasSubstr("No such file or directory"));
  }
}

TEST_F(Namespaces, init_holds_nothing_of_the_launcher) {
  EXPECT_EQ(ask("environment", "tr -d '\\0' < /proc/1/environ"), "");
  EXPECT_EQ(ask("arguments", "tr '\\0' ' ' < /proc/1/cmdline"), "mesolite-init --init 2 ");
  EXPECT_EQ(ask("descriptors", "ls /proc/1/fd"), "0\n1\n2\n3") << "3 leads to its status pipe";
  // The program of process 1 is not the launcher's file, and cannot be written.
  EXPECT_THAT(ask("program", "readlink /proc/1/exe"), HasSubstr("memfd:mesolite-init"));
  EXPECT_THAT(ask("writing", "echo x >> /proc/1/exe"), HasSubstr("status"));
}

TEST_F(Namespaces, a_container_has_a_host_name_of_its_own) {
  auto asked = request("c", "uname -n");
  asked.context.spec.hostname = "web-1";
  containerizer_->launch(asked);
  ASSERT_TRUE(next<Exited>("c"));
  EXPECT_EQ(output("c"), "web-1\n");
  EXPECT_EQ(ask("f_2", "uname -n"), "f-2");
  char own[256] = {};
  ::gethostname(own, sizeof own - 1);
  EXPECT_STRNE(own, "web-1");
}

TEST_F(Namespaces, shared_memory_is_not_shared_with_others) {
  launch("other",
         "echo x > /dev/shm/mesolite-test; ipcmk -Q > /dev/null; echo $$ > ready; exec sleep 1000");
  ASSERT_GT(pid_in("other", "ready"), 0);
  EXPECT_EQ(ask("c", "ls /dev/shm; cat /proc/sysvipc/msg | wc -l"), "1");
  EXPECT_FALSE(fs::exists("/dev/shm/mesolite-test"));
}

TEST_F(Namespaces, mounts_of_a_container_stay_in_it) {
  EXPECT_EQ(ask("c", "mkdir m && mount -t tmpfs x m && touch m/f && ls m"), "f");
  EXPECT_TRUE(fs::is_empty(work_.sandbox("c") + "/m"));
}

TEST_F(Namespaces, what_the_kernel_tells_only_its_administrator_is_covered) {
  EXPECT_EQ(ask("c", "cat /proc/keys | wc -c"), "0");
  EXPECT_THAT(ask("d", "echo 1 > /proc/sys/kernel/panic"), HasSubstr("Read-only file system"));
}

// ---- what the launcher itself carries out -------------------------------------------------------

class Launch : public Isolated {};

TEST_F(Launch, capabilities_are_gone_for_good_also_for_root) {
  Contribution contribution;
  contribution.capability_bounding = 1u << 0;  // CAP_CHOWN
  contribution.capability_effective = 0;
  contribution.no_new_privileges = true;
  add(contribution);
  start();
  EXPECT_EQ(ask("c", "grep -E 'Cap(Prm|Eff|Bnd)|NoNewPrivs' /proc/self/status"),
            "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
            "NoNewPrivs:\t1");
}

TEST_F(Launch, an_ordinary_user_keeps_the_capabilities_it_is_given) {
  fs::permissions(work_.path(), fs::perms::others_exec, fs::perm_options::add);
  Contribution contribution;
  contribution.capability_effective = 1u << 10;  // CAP_NET_BIND_SERVICE
  contribution.user = "nobody";
  add(contribution);
  start();
  EXPECT_EQ(ask("c", "id -un; grep -E 'Cap(Prm|Eff)' /proc/self/status"),
            "nobody\nCapPrm:\t0000000000000400\nCapEff:\t0000000000000400");
}

TEST_F(Launch, no_privilege_is_gained_by_programs_that_set_the_user) {
  fs::permissions(work_.path(), fs::perms::others_exec, fs::perm_options::add);
  fs::copy_file("/usr/bin/id", work_.path() + "/id");
  fs::permissions(work_.path() + "/id", fs::perms::set_uid | fs::perms::others_exec,
                  fs::perm_options::add);
  Contribution contribution;
  contribution.user = "nobody";
  contribution.no_new_privileges = true;
  add(contribution);
  start();
  EXPECT_EQ(ask("c", work_.path() + "/id -un"), "nobody");
}

TEST_F(Launch, a_step_that_fails_is_named_with_its_reason) {
  Contribution contribution;
  contribution.mounts = {{"nothing", "/proc", "no-such-type", 0, ""}};
  add(contribution);
  start();
  EXPECT_EQ(refusal(request("c", "true")),
            "cannot mount 'no-such-type' at '/proc': No such device");
}

TEST_F(Launch, a_step_that_fails_behind_an_init_is_named_too) {
  Contribution contribution;
  contribution.clone_flags = CLONE_NEWPID | CLONE_NEWNS;
  add(contribution);
  start();
  auto asked = request("c", "");
  asked.command.shell = false;
  asked.command.value = "no-such-program";
  EXPECT_EQ(refusal(asked), "cannot execute 'no-such-program': No such file or directory");
  EXPECT_EQ(run("d", "exit 0"), 0);
}

TEST_F(Launch, a_missing_cgroup_is_named) {
  Contribution contribution;
  contribution.cgroups = {"/sys/fs/cgroup/nonexistent"};
  add(contribution);
  start();
  EXPECT_EQ(refusal(request("c", "true")),
            "cannot enter '/sys/fs/cgroup/nonexistent/cgroup.procs': No such file or directory");
}

TEST_F(Launch, what_isolators_write_to_cgroups_holds_and_goes_with_the_container) {
  auto groups = CgroupFs::open({"/sys/fs/cgroup", cgroup_root_});
  if (!groups || !groups->version("pids")) GTEST_SKIP() << "needs the cgroup controller pids";
  Contribution contribution;
  contribution.cgroup_writes = {{"pids", "pids.max", "1"}};
  add(contribution);
  start();
  EXPECT_EQ(ask("alone", "echo alone"), "alone");
  EXPECT_NE(run("more", "(sleep 0)"), 0);
  EXPECT_THAT(read(work_.sandbox("more") + "/stderr"), HasSubstr("fork"));
  EXPECT_THAT(groups->names(), testing::IsEmpty());
  EXPECT_TRUE(groups->remove(""));
}

TEST_F(Launch, a_cgroup_file_that_cannot_be_written_is_named) {
  auto groups = CgroupFs::open({"/sys/fs/cgroup", cgroup_root_});
  if (!groups || !groups->version("pids")) GTEST_SKIP() << "needs the cgroup controller pids";
  Contribution contribution;
  contribution.cgroup_writes = {{"pids", "pids.max", "many"}};
  add(contribution);
  start();
  EXPECT_THAT(refusal(request("c", "true")), HasSubstr("cannot write 'many' to"));
  EXPECT_THAT(groups->names(), testing::IsEmpty());
  EXPECT_TRUE(groups->remove(""));
}

TEST_F(Launch, the_hosts_root_is_not_given_mount_points) {
  Contribution contribution;
  contribution.mounts = {{"x", "/mesolite-no-such-place", "tmpfs", 0, ""}};
  add(contribution);
  start();
  EXPECT_THAT(refusal(request("c", "true")), HasSubstr("No such file or directory"));
  EXPECT_FALSE(fs::exists("/mesolite-no-such-place"));
}

TEST_F(Launch, rlimits_hold) {
  Contribution contribution;
  contribution.rlimits = {{"nofile", 64, 64}};
  add(contribution);
  start();
  EXPECT_EQ(ask("c", "ulimit -n"), "64");
}

}  // namespace
}  // namespace mesolite::container

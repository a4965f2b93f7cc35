// Checks from inside: a command that looks after a container sees what it sees and may do no more.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>

#include <cstddef>
#include <iterator>

#include "modules/isolators/namespaces-pid/namespaces_pid.hpp"
#include "modules/isolators/namespaces-uts/namespaces_uts.hpp"
#include "tests/isolation/isolated.hpp"

namespace mesolite::container {
namespace {

// Allows all but mkdir.
Bytes without_mkdir() {
  constexpr std::uint32_t refused = SECCOMP_RET_ERRNO | EPERM;
  const sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
#ifdef SYS_mkdir
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 1, 0),
#endif
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdirat, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, refused),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return Bytes(std::string(reinterpret_cast<const char*>(filter), sizeof filter));
}

class InnerChecks : public Isolated {
 protected:
  void SetUp() override {
    Isolated::SetUp();
    if (IsSkipped()) return;
    patience_without_agent_ = 1h;
    Contribution contribution;
    contribution.seccomp_profile = without_mkdir();
    add(contribution);
    add<namespaces_pid::PidNamespaceIsolator>("namespaces/pid", namespaces_pid::Parameters{});
    add<namespaces_uts::UtsNamespaceIsolator>("namespaces/uts", namespaces_uts::Parameters{});
    start();
    launch("c", "mkdir one 2> denied; echo $$ > ready; exec sleep 1000");
    ASSERT_TRUE(next<Launched>("c"));
    ASSERT_GT(pid_in("c", "ready"), 0);
  }

  void expect_the_likeness_of_the_task() {
    const Checked inside = check_by_command(
        "c", "test \"$(cat /proc/1/comm)\" = mesolite-init && test \"$(hostname)\" = c");
    EXPECT_TRUE(inside.passed) << inside.message << ": it is in the namespaces of the task";
    EXPECT_TRUE(check_by_command("c", "test -s denied").passed) << "the task may not";
    EXPECT_FALSE(check_by_command("c", "mkdir two").passed) << "nor may who looks after it";
  }
};

TEST_F(InnerChecks, have_the_namespaces_and_the_filter_of_the_task) {
  expect_the_likeness_of_the_task();
}

TEST_F(InnerChecks, have_them_after_the_agent_was_restarted) {
  containerizer_->leave();
  start();
  ContainerContext context;
  context.id = ContainerId("c");
  context.sandbox = work_.sandbox("c");
  containerizer_->recover({context});
  const auto recovered = next<Recovered>("c");
  ASSERT_TRUE(recovered && recovered->pid);
  expect_the_likeness_of_the_task();
}

}  // namespace
}  // namespace mesolite::container

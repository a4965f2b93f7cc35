// linux/seccomp: filters that are compiled from profiles, tried on processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <functional>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "modules/isolators/linux-seccomp/linux_seccomp.hpp"
#include "modules/isolators/linux-seccomp/profile.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::linux_seccomp {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What `function` answers in a process under the filter; 200 if that cannot be had, 128 + the
// signal that killed it.
int under(const std::string& filter, const std::function<int()>& function) {
  const pid_t child = ::fork();
  if (child == 0) {
    sock_fprog program{static_cast<unsigned short>(filter.size() / sizeof(sock_filter)),
                       reinterpret_cast<sock_filter*>(const_cast<char*>(filter.data()))};
    const bool loaded = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
    ::_exit(loaded ? function() : 200);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// errno of a call, or 0.
template <class... Arguments>
int error_of(long number, Arguments... arguments) {
  return ::syscall(number, arguments...) < 0 ? errno : 0;
}

std::string filter_of(const Profile& profile) {
  auto filter = compile(profile);
  EXPECT_TRUE(filter) << filter.error().message;
  return filter.value_or("");
}

TEST(Seccomp, the_built_in_profile_lets_ordinary_programs_run) {
  const std::string filter = filter_of(built_in_profile());
  EXPECT_EQ(filter.size() % sizeof(sock_filter), 0u);
  EXPECT_EQ(under(filter, [] { return ::execl("/bin/true", "true", nullptr); }), 0);
  EXPECT_EQ(under(filter,
                  [] {
                    return ::execl("/bin/sh", "sh", "-c",
                                   "x=$(echo a | tr a b); test $x = b && ls / > /dev/null && "
                                   "sort /etc/passwd | head -1 > /dev/null",
                                   nullptr);
                  }),
            0);
}

TEST(Seccomp, the_built_in_profile_keeps_the_machine_from_being_administered) {
  const std::string filter = filter_of(built_in_profile());
  const auto error = [&](auto... call) { return under(filter, [=] { return error_of(call...); }); };
  EXPECT_EQ(error(SYS_mount, "none", "/mnt", "tmpfs", 0, nullptr), EPERM);
  EXPECT_EQ(error(SYS_ptrace, PTRACE_TRACEME, 0, nullptr, nullptr), EPERM);
  EXPECT_EQ(error(SYS_unshare, CLONE_NEWUSER), EPERM);
  EXPECT_EQ(error(SYS_bpf, 0, nullptr, 0), EPERM);
  EXPECT_EQ(error(SYS_keyctl, 0, 0), EPERM);
  EXPECT_EQ(error(SYS_setns, 0, 0), EPERM);
  EXPECT_EQ(error(SYS_clone3, nullptr, 0), ENOSYS);
  EXPECT_EQ(error(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr), ENOSYS);
  EXPECT_EQ(error(SYS_socket, 40, 1, 0), ENOSYS);  // AF_VSOCK
  EXPECT_EQ(error(9999L), ENOSYS);
}

TEST(Seccomp, dockers_format_is_understood) {
  const auto profile = parse_profile(R"({
    "defaultAction": "SCMP_ACT_ALLOW", "archMap": [],
    "syscalls": [
      {"names": ["getppid", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": 77},
      {"name": "getsid", "action": "SCMP_ACT_ERRNO",
       "args": [{"index": 0, "value": 5, "valueTwo": 0, "op": "SCMP_CMP_EQ"}]},
      {"names": ["getpgid"], "action": "SCMP_ACT_KILL_PROCESS", "args": null},
      {"names": ["getuid"], "action": "SCMP_ACT_ERRNO", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": ["geteuid"], "action": "SCMP_ACT_ERRNO", "includes": {"arches": ["vax"]}}]})");
  ASSERT_TRUE(profile) << profile.error().message;
  const std::string filter = filter_of(*profile);
  EXPECT_EQ(under(filter, [] { return error_of(SYS_getppid); }), 77);
  EXPECT_EQ(under(filter, [] { return error_of(SYS_getsid, 5); }), EPERM);
  EXPECT_EQ(under(filter, [] { return error_of(SYS_getsid, 0); }), 0);
  EXPECT_EQ(under(filter, [] { return error_of(SYS_getpgid, 0); }), 128 + SIGSYS);
  EXPECT_EQ(under(filter, [] { return error_of(SYS_getuid) + error_of(SYS_geteuid); }), 0);
}

TEST(Seccomp, a_profile_that_cannot_be_used_is_refused_with_its_place) {
  harness::Scratch folder;
  testing::RecordingHost host;
  const auto refusal = [&](const std::string& content) {
    std::ofstream(folder / "profile.json") << content;
    const auto made =
        LinuxSeccompIsolator::create({.profile = (folder / "profile.json").string()}, host);
    return made ? "" : made.error().message;
  };
  EXPECT_THAT(refusal("{"), HasSubstr("profile.json': "));
  EXPECT_THAT(refusal("[]"), HasSubstr("profile.json': "));
  EXPECT_THAT(refusal("{}"), HasSubstr("defaultAction"));
  EXPECT_THAT(refusal(R"({"defaultAction": "SCMP_ACT_DANCE"})"),
              HasSubstr("defaultAction: unknown action 'SCMP_ACT_DANCE'"));
  EXPECT_THAT(refusal(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
                          {"names": ["read"], "action": "SCMP_ACT_ERRNO",
                           "args": [{"index": 9, "value": 0, "op": "SCMP_CMP_EQ"}]}]})"),
              HasSubstr("syscalls, entry 1: a system call has no such argument"));
  const auto missing = LinuxSeccompIsolator::create({.profile = "/nowhere"}, host);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "cannot read the profile '/nowhere'");
}

TEST(Seccomp, contributes_the_filter_and_what_loading_it_needs) {
  testing::RecordingHost host;
  const auto make = [&] {
    return local_module<Isolator, LinuxSeccompIsolator>(Parameters{}, host).value();
  };
  const auto contribution = make()->prepare({}).value();
  EXPECT_EQ(contribution.seccomp_profile.data, filter_of(built_in_profile()));
  EXPECT_EQ(contribution.no_new_privileges, true);
  EXPECT_TRUE(make()->probe({}));
  EXPECT_THAT(testing::isolator_violations(make), IsEmpty());
}

}  // namespace
}  // namespace mesolite::linux_seccomp

#include "kernel/container/spawn.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "mesolite/base/check.hpp"

// The child runs on its own stack in the parent's memory: sanitizers must not look at it, and where
// they wrap a function of the C library with books of their own it makes the system call itself.
#define MESOLITE_IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined"), noinline))

#ifdef __SANITIZE_THREAD__
// The wrapper of clone(2) takes the child for a fork; this other name of the function has none.
extern "C" int __clone(int (*function)(void*), void* stack, int flags, void* argument, ...);
#define clone __clone
#endif

namespace mesolite::container {
namespace {

constexpr std::size_t stack_bytes = 128u << 10;
constexpr int signal_last = 31;  // realtime signals are ignored by nobody

enum class Step : int {
  none,
  cgroups,
  session,
  directory,
  streams,
  bounds,
  groups,
  group,
  user,
  privileges,
  agent_death,
  descriptors,
  execute,
};

std::string_view description(Step step) {
  switch (step) {
    case Step::none:
      break;
    case Step::cgroups:
      return "cannot enter a cgroup";
    case Step::session:
      return "cannot start a session";
    case Step::directory:
      return "cannot enter the sandbox";
    case Step::streams:
      return "cannot set up standard input, output and error";
    case Step::bounds:
      return "cannot set resource limits";
    case Step::groups:
      return "cannot set the supplementary groups";
    case Step::group:
      return "cannot set the group";
    case Step::user:
      return "cannot set the user";
    case Step::privileges:
      return "cannot forbid new privileges";
    case Step::agent_death:
      return "cannot tie the process to the agent";
    case Step::descriptors:
      return "cannot close the agent's descriptors";
    case Step::execute:
      return "cannot execute";
  }
  return "cannot start";
}

// All that the child reads, laid out by the parent, and where it leaves its error.
struct ChildPlan {
  const LaunchSpec* spec = nullptr;
  Streams streams;
  int null = -1;
  pid_t parent = 0;
  std::vector<const char*> paths;
  std::vector<std::string> cgroup_files;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  Step failed_step = Step::none;
  int failed_error = 0;
};

// A list of C strings that ends with a null pointer, as execve(2) wants it.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  // execve(2) does not write to them; its signature is older than const.
  for (const auto& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

// To the kernel, in whatever layout it has them, all zeroes are "default" and "no signal".
MESOLITE_IN_CHILD void set_signals_to_default() {
  static constexpr std::uint64_t zeroes[8] = {};
  constexpr std::size_t set_bytes = 8;
  for (int number = 1; number <= signal_last; ++number) {
    if (number == SIGKILL || number == SIGSTOP) continue;
    ::syscall(SYS_rt_sigaction, number, zeroes, nullptr, set_bytes);
  }
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, zeroes, nullptr, set_bytes);
}

// To a cgroup, 0 is whoever writes it.
MESOLITE_IN_CHILD bool enter_cgroups(const ChildPlan& plan) {
  for (const auto& file : plan.cgroup_files) {
    const long opened = ::syscall(SYS_openat, AT_FDCWD, file.c_str(), O_WRONLY | O_CLOEXEC);
    if (opened < 0 || ::syscall(SYS_write, opened, "0", 1) != 1) return false;
    ::syscall(SYS_close, opened);
  }
  return true;
}

MESOLITE_IN_CHILD bool duplicate(int from, int to) {
  return ::syscall(SYS_dup3, from, to, 0) == to;
}

MESOLITE_IN_CHILD bool set_streams(const ChildPlan& plan) {
  return duplicate(plan.null, 0) && duplicate(plan.streams.standard_output, 1) &&
         duplicate(plan.streams.standard_error, 2);
}

MESOLITE_IN_CHILD bool set_bounds(const LaunchSpec& spec) {
  for (const auto& bound : spec.bounds) {
    const rlimit limit{bound.soft, bound.hard};
    if (::setrlimit(static_cast<__rlimit_resource_t>(bound.resource), &limit) != 0) return false;
  }
  return true;
}

// By system call: the functions of the C library would change all threads of the parent.
MESOLITE_IN_CHILD Step set_identity(const Identity& identity) {
  if (::syscall(SYS_setgroups, identity.groups.size(), identity.groups.data()) != 0) {
    return Step::groups;
  }
  if (::syscall(SYS_setresgid, identity.gid, identity.gid, identity.gid) != 0) return Step::group;
  if (::syscall(SYS_setresuid, identity.uid, identity.uid, identity.uid) != 0) return Step::user;
  return Step::none;
}

// Set after the identity, which clears it. A parent that died before that shows as another parent.
MESOLITE_IN_CHILD bool tie_to_agent(const ChildPlan& plan) {
  if (plan.spec->agent_death == AgentDeath::leaves_container) return true;
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == plan.parent;
}

// Tries each path; what is there but must not be executed tells more than what is not there.
MESOLITE_IN_CHILD int execute(const ChildPlan& plan) {
  int error = ENOENT;
  for (const char* path : plan.paths) {
    ::execve(path, plan.arguments.data(), plan.environment.data());
    if (errno != ENOENT && errno != ENOTDIR) error = errno;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
  }
  return error;
}

MESOLITE_IN_CHILD Step prepare(const ChildPlan& plan) {
  const LaunchSpec& spec = *plan.spec;
  if (!enter_cgroups(plan)) return Step::cgroups;
  if (::setsid() < 0) return Step::session;
  if (::fchdir(plan.streams.directory) != 0) return Step::directory;
  if (!set_streams(plan)) return Step::streams;
  ::umask(022);
  if (!set_bounds(spec)) return Step::bounds;
  if (spec.identity) {
    const Step failed = set_identity(*spec.identity);
    if (failed != Step::none) return failed;
  }
  if (spec.no_new_privileges && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return Step::privileges;
  }
  if (!tie_to_agent(plan)) return Step::agent_death;
  if (::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) != 0) return Step::descriptors;
  set_signals_to_default();
  return Step::none;
}

MESOLITE_IN_CHILD int child_main(void* argument) {
  auto& plan = *static_cast<ChildPlan*>(argument);
  plan.failed_step = prepare(plan);
  plan.failed_error = errno;
  if (plan.failed_step == Step::none) {
    plan.failed_error = execute(plan);
    plan.failed_step = Step::execute;
  }
  ::syscall(SYS_exit_group, 127);
  return 0;
}

// No handler of the parent may run in the child, where it would act on the parent's memory.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Result<Identity> find_identity(const std::string& user) {
  std::vector<char> buffer(16u << 10);
  passwd entry{};
  passwd* found = nullptr;
  const int error = ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0) return system_failure("cannot look up user '" + user + "'", error);
  if (found == nullptr) return failure("user '" + user + "' does not exist on this agent");

  Identity identity{entry.pw_uid, entry.pw_gid, std::vector<gid_t>(64)};
  int count = static_cast<int>(identity.groups.size());
  while (::getgrouplist(user.c_str(), identity.gid, identity.groups.data(), &count) < 0) {
    identity.groups.resize(static_cast<std::size_t>(count));
  }
  identity.groups.resize(static_cast<std::size_t>(count));
  return identity;
}

Spawner::Spawner() {
  do {
    null_ = Descriptor();  // 0 to 2 stay open on purpose: they now lead nowhere
    const int number = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    MESOLITE_CHECK(number >= 0, "/dev/null can be opened");
    if (number > 2) null_ = Descriptor(number);
  } while (!null_);
  stack_ = ::mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  MESOLITE_CHECK(stack_ != MAP_FAILED, "memory for a stack can be had");
}

Spawner::~Spawner() {
  ::munmap(stack_, stack_bytes);
}

Result<Spawned> Spawner::spawn(const LaunchSpec& spec, const Streams& streams) {
  ChildPlan plan;
  plan.spec = &spec;
  plan.streams = streams;
  plan.null = null_.get();
  plan.parent = ::getpid();
  for (const auto& path : spec.paths) plan.paths.push_back(path.c_str());
  for (const auto& cgroup : spec.cgroups) plan.cgroup_files.push_back(cgroup + "/cgroup.procs");
  plan.arguments = pointers(spec.arguments);
  plan.environment = pointers(spec.environment);

  int pidfd = -1;
  pid_t pid = -1;
  int error = 0;
  {
    const SignalsBlocked blocked;
    pid = ::clone(child_main, static_cast<char*>(stack_) + stack_bytes,
                  CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
    error = errno;
  }
  if (pid < 0) return system_failure("cannot create a process", error);
  Spawned spawned{pid, Descriptor(pidfd)};
  if (plan.failed_step == Step::none) return spawned;

  siginfo_t ended{};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &ended, WEXITED) != 0 && errno == EINTR) {
  }
  std::string what(description(plan.failed_step));
  if (plan.failed_step == Step::execute && !spec.arguments.empty()) {
    what += " '" + (spec.paths.size() == 1 ? spec.paths[0] : spec.arguments[0]) + "'";
  }
  return system_failure(what, plan.failed_error);
}

}  // namespace mesolite::container

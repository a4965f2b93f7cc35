#include "kernel/container/launcher/child.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "kernel/container/descriptor.hpp"
#include "kernel/container/launcher/file_system.hpp"
#include "kernel/container/launcher/privileges.hpp"
#include "kernel/container/launcher_messages.hpp"
#include "kernel/container/seccomp_filter.hpp"
#include "mesolite/protocol/codec.hpp"

namespace mesolite::container {
namespace {

constexpr std::size_t answer_bytes_max = 1024;
constexpr int signal_last = 64;  // those that the C library keeps for itself too

// A list of C strings that ends with a null pointer, as execve(2) wants it.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  // execve(2) does not write to them; its signature is older than const.
  for (const auto& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

// The files by which a process enters. A cgroup of v1 takes its one thread alone (`tasks`); to take
// whole processes the kernel holds up every fork and exit of the machine for a moment.
std::vector<std::string> entrances(const std::vector<std::string>& cgroups) {
  std::vector<std::string> files;
  for (const auto& cgroup : cgroups) {
    std::string threads = cgroup + "/tasks";
    const bool v1 = ::access(threads.c_str(), F_OK) == 0;
    files.push_back(v1 ? std::move(threads) : cgroup + "/cgroup.procs");
  }
  return files;
}

bool write_file(const char* path, std::string_view text) {
  const Descriptor file(::open(path, O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// To a cgroup, 0 is whoever writes it.
StepResult enter_cgroups(const ChildPlan& plan) {
  for (const auto& file : plan.cgroup_files) {
    if (!write_file(file.c_str(), "0")) return step_failure("cannot enter '" + file + "'", errno);
  }
  return {};
}

// Whether the agent lets the container go on.
bool ask_at_gate(int gate, const msghdr& question, std::string_view container) {
  if (::sendmsg(gate, &question, MSG_NOSIGNAL) < 0) return false;
  char answer[answer_bytes_max] = {};
  while (true) {
    const ssize_t size = ::recv(gate, answer, sizeof answer, 0);
    if (size <= 0) return false;
    const std::string_view text(answer, static_cast<std::size_t>(size));
    if (text.substr(1) == container) return text.front() == gate_open;
  }
}

StepResult pass_gate(const ChildPlan& plan) {
  if (!plan.spec.gated) return {};
  const std::string& question = plan.question;
  // Its own number, as those outside of its namespace of processes know it.
  char pid[gate_pid_bytes] = {};
  if (::readlink("/proc/self", pid, sizeof pid - 1) < 0) {
    return step_failure("cannot read '/proc/self'", errno);
  }
  const iovec pieces[2] = {{pid, sizeof pid},
                           {const_cast<char*>(question.data()), question.size()}};
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = 2;
  if (!ask_at_gate(plan.surroundings.gate, message, question)) {
    return step_failure("was not let go on", ECANCELED);
  }
  return {};
}

StepResult set_hostname(const LaunchSpec& spec) {
  if (spec.hostname.empty()) return {};
  if (::sethostname(spec.hostname.data(), spec.hostname.size()) != 0) {
    return step_failure("cannot set the host name '" + spec.hostname + "'", errno);
  }
  return {};
}

StepResult set_streams(const ChildPlan& plan) {
  const int sources[] = {plan.surroundings.null, plan.streams.standard_output,
                         plan.streams.standard_error};
  for (int target = 0; target < 3; ++target) {
    if (::dup2(sources[target], target) == target) continue;
    return step_failure("cannot set up standard input, output and error", errno);
  }
  return {};
}

// A descriptor from outside would lead out of a file system of the container's own.
StepResult enter_directory(const ChildPlan& plan) {
  const LaunchSpec& spec = plan.spec;
  if ((spec.clone_flags & CLONE_NEWNS) == 0) {
    if (::fchdir(plan.streams.directory) == 0) return {};
    return step_failure("cannot enter the sandbox", errno);
  }
  const std::string& path = spec.directory.empty() ? spec.sandbox : spec.directory;
  if (::chdir(path.c_str()) != 0) return step_failure("cannot enter '" + path + "'", errno);
  char reached[PATH_MAX] = {};
  if (::getcwd(reached, sizeof reached) == nullptr || reached[0] != '/') {
    return step_failure("cannot enter '" + path + "'", ENOENT);
  }
  return {};
}

StepResult set_bounds(const LaunchSpec& spec) {
  for (const auto& bound : spec.bounds) {
    const rlimit limit{bound.soft, bound.hard};
    if (::setrlimit(static_cast<__rlimit_resource_t>(bound.resource), &limit) != 0) {
      return step_failure("cannot set resource limit " + std::to_string(bound.resource), errno);
    }
  }
  return {};
}

// Set after the identity, which clears it. A parent that died before that shows as another parent;
// one outside of this process's namespace shows as 0.
StepResult tie_to(pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0) {
    const pid_t now = ::getppid();
    if (now == parent || now == 0) return {};
    errno = ESRCH;
  }
  return step_failure("cannot tie the process to its launcher", errno);
}

// What the kernel knows of a signal's handling, in whatever layout: all zeroes are "default" and
// "no signal". By system call: the process may share the launcher's memory, and the C library's
// record of handlers with it.
constexpr std::uint64_t zeroes[8] = {};
constexpr std::size_t set_bytes = 8;

void set_to_default(int number) {
  ::syscall(SYS_rt_sigaction, number, zeroes, nullptr, set_bytes);
}

// Tries each path; what is there but must not be executed tells more than what is not there.
StepFailure execute(const ChildPlan& plan) {
  int error = ENOENT;
  for (const std::string& path : plan.spec.paths) {
    ::execve(path.c_str(), plan.arguments.data(), plan.environment.data());
    if (errno != ENOENT && errno != ENOTDIR) error = errno;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
  }
  const std::string name =
      plan.spec.paths.size() == 1 ? plan.spec.paths[0] : plan.spec.arguments.at(0);
  return {"cannot execute '" + name + "'", error};
}

StepResult prepare_program(const ChildPlan& plan, pid_t parent) {
  if (::setsid() < 0) return step_failure("cannot start a session", errno);
  StepResult done = set_streams(plan);
  ::umask(022);
  if (done) done = enter_directory(plan);
  if (done) done = set_bounds(plan.spec);
  if (done) done = drop_privileges(plan.spec);
  if (done) done = tie_to(parent);
  if (done && ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) != 0) {
    return step_failure("cannot close the launcher's descriptors", errno);
  }
  for (const int number : ignored_signals) set_to_default(number);
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, zeroes, nullptr, set_bytes);
  if (!done) return done;
  const int error = load_seccomp_filter(plan.spec.seccomp_filter.view());
  if (error != 0) return step_failure("cannot load the seccomp filter", error);
  return done;
}

}  // namespace

void set_up_signals() {
  // Whoever starts a program may have it ignore any of them, and the C library those of its own.
  for (int number = 1; number <= signal_last; ++number) {
    if (number != SIGKILL && number != SIGSTOP) set_to_default(number);
  }
  for (const int number : ignored_signals) ::signal(number, SIG_IGN);
}

ChildPlan::ChildPlan(const LaunchSpec& the_spec, std::string the_question,
                     const Streams& the_streams, const Surroundings& the_surroundings)
    : spec(the_spec),
      question(std::move(the_question)),
      streams(the_streams),
      surroundings(the_surroundings),
      cgroup_files(entrances(the_spec.cgroups)),
      arguments(pointers(the_spec.arguments)),
      environment(pointers(the_spec.environment)) {}

StepResult enter_container(const ChildPlan& plan) {
  const std::string& score = plan.surroundings.oom_score;
  if (!score.empty() && !write_file("/proc/self/oom_score_adj", score)) {
    return step_failure("cannot set the score of the OOM killer", errno);
  }
  StepResult done = enter_cgroups(plan);
  if (done) done = pass_gate(plan);
  if (done && (plan.spec.clone_flags & CLONE_NEWNS) != 0) done = enter_file_system(plan.spec);
  if (done) done = set_hostname(plan.spec);
  return done;
}

StepFailure become_program(const ChildPlan& plan, pid_t parent) {
  auto ready = prepare_program(plan, parent);
  return ready ? execute(plan) : std::move(ready.error());
}

}  // namespace mesolite::container

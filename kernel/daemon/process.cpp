#include "kernel/daemon/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace mesolite::daemon {
namespace {

// argv and envp as execve(2) wants them, made before the fork: the child may allocate nothing.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> merged_environment(const std::vector<std::string>& added) {
  std::vector<std::string> merged = added;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('=') + 1);
    bool replaced = false;
    for (const std::string& other : added) replaced = replaced || other.starts_with(name);
    if (!replaced) merged.emplace_back(text);
  }
  return merged;
}

void use_as(int descriptor, int standard) {
  if (descriptor >= 0 && ::dup2(descriptor, standard) < 0) ::_exit(126);
}

// In the child, between fork and exec: system calls only. The cause of a failure goes to `report`.
[[noreturn]] void become(const ProcessOptions& options, char* const* arguments,
                         char* const* environment, pid_t parent, int report) {
  ::setsid();
  if (options.death_signal != 0) {
    ::prctl(PR_SET_PDEATHSIG, options.death_signal);
    if (::getppid() != parent) ::_exit(126);  // it died before we could ask to be told
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  const int input = ::open("/dev/null", O_RDONLY);
  use_as(input, STDIN_FILENO);
  if (input > STDERR_FILENO) ::close(input);
  use_as(options.standard_output, STDOUT_FILENO);
  use_as(options.standard_error, STDERR_FILENO);
  ::execve(arguments[0], arguments, environment);
  const int problem = errno;
  (void)!::write(report, &problem, sizeof problem);
  ::_exit(127);
}

Descriptor open_pidfd(pid_t pid) {
  return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::error_code problem;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", problem)) {
    std::ifstream list(task.path() / "children");
    for (pid_t pid = 0; list >> pid;) found.push_back(pid);
  }
  return found;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    descriptor_ = other.release();
  }
  return *this;
}

int Descriptor::release() {
  return std::exchange(descriptor_, -1);
}

void Descriptor::reset() {
  if (valid()) ::close(release());
}

Result<Process> Process::start(const ProcessOptions& options) {
  const std::string what = "cannot start '" + options.arguments.at(0) + "'";
  auto report = make_pipe();
  if (!report) return failure(what, report.error());
  const auto environment = merged_environment(options.environment);
  const auto argument_pointers = pointers(options.arguments);
  const auto environment_pointers = pointers(environment);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return system_failure(what, errno);
  if (pid == 0) {
    become(options, argument_pointers.data(), environment_pointers.data(), parent,
           report->writing.get());
  }
  report->writing.reset();
  Process process(pid, open_pidfd(pid));
  int problem = 0;
  // The end of the pipe means that the program runs: its end is closed on exec.
  if (::read(report->reading.get(), &problem, sizeof problem) > 0) {
    return system_failure(what, problem);
  }
  return process;
}

Process::~Process() {
  end();
}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = other.pid_;
    pidfd_ = std::move(other.pidfd_);
    status_ = other.status_;
  }
  return *this;
}

void Process::end() {
  if (!pidfd_.valid()) return;
  signal(SIGKILL);
  while (!exit_status()) wait_readable(pidfd_.get(), 1s);
}

void Process::signal(int number) {
  if (!status_) ::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
}

std::optional<int> Process::exit_status() {
  int status = 0;
  if (!status_) {
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) status_ = status;
    // Somebody else has taken its status: what it was is not known any more.
    if (ended < 0 && errno == ECHILD) status_ = SIGKILL;
  }
  return status_;
}

std::optional<int> Process::wait(Duration timeout) {
  if (!exit_status()) wait_readable(pidfd_.get(), timeout);
  return exit_status();
}

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_failure("cannot make a pipe", errno);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

bool wait_readable(int descriptor, Duration timeout) {
  using Steady = std::chrono::steady_clock;
  const auto deadline = Steady::now() + timeout;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
    pollfd wanted{descriptor, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

void become_subreaper() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void kill_descendants() {
  // A child that is not yet waited for keeps its pid, so killing by pid hits nobody else. Its own
  // children become ours and are found in the next round.
  while (true) {
    for (const pid_t child : children()) ::kill(child, SIGKILL);
    if (::waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) return;
  }
}

std::string exit_text(int status) {
  if (WIFEXITED(status)) return "exited with status " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  return "was killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
}

int shell_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace mesolite::daemon

#include "kernel/modules/host_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "sdk/src/module/preflight.hpp"

namespace mesolite::modules {
namespace {

// For a process that has closed its end, or was asked to go: it should be gone at once.
constexpr Duration end_patience = 1s;
// Above those under which the process finds its own.
constexpr int descriptors_least = 16;

struct Pair {
  Descriptor ours;
  Descriptor theirs;
};

Result<Pair> make_pair(int type) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return system_failure("cannot make a socket pair", errno);
  }
  Pair pair{Descriptor(ends[0]), Descriptor(ends[1])};
  Descriptor moved(::fcntl(pair.theirs.get(), F_DUPFD_CLOEXEC, descriptors_least));
  if (!moved) return system_failure("cannot copy a descriptor", errno);
  pair.theirs = std::move(moved);
  return pair;
}

// Its descriptors, signals as at the start of a program, and a process group of its own: a Ctrl-C
// of the terminal is meant for us, and we end it when we have no more use for it.
class SpawnPlan {
 public:
  SpawnPlan(int calls, int news) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, calls, calls_descriptor);
    posix_spawn_file_actions_adddup2(&actions, news, news_descriptor);
    posix_spawn_file_actions_addclosefrom_np(&actions, news_descriptor + 1);
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

std::string end_text(int status) {
  if (!WIFSIGNALED(status)) return "exited with status " + std::to_string(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  return "was killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

FrameDeadline deadline_after(Duration timeout) {
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(timeout);
}

}  // namespace

Result<std::unique_ptr<HostProcess>> HostProcess::spawn(const std::filesystem::path& program,
                                                        const std::filesystem::path& file) {
  auto calls = make_pair(SOCK_STREAM);
  if (!calls) return tl::unexpected(calls.error());
  auto news = make_pair(SOCK_SEQPACKET);
  if (!news) return tl::unexpected(news.error());
  const SpawnPlan plan(calls->theirs.get(), news->theirs.get());
  std::array<char*, 3> arguments = {const_cast<char*>(program.c_str()),
                                    const_cast<char*>(file.c_str()), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, program.c_str(), &plan.actions, &plan.attributes,
                                  arguments.data(), environ);
  if (error != 0) return system_failure("cannot run '" + program.string() + "'", error);
  Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return std::unique_ptr<HostProcess>(
      new HostProcess(pid, std::move(process), std::move(calls->ours), std::move(news->ours)));
}

HostProcess::~HostProcess() {
  end();
}

Result<ModuleDescription> HostProcess::report(Duration timeout) {
  auto frame = read_frame(calls_.get(), deadline_after(timeout));
  if (!frame) return failure(fail(frame.error(), timeout));
  const auto report = decode<PreflightReport>(frame->bytes);
  if (!report) return failure(fail(FrameProblem::oversized, timeout));
  if (!report->problem.empty()) return failure(report->problem);
  return report->description;
}

Result<Frame> HostProcess::ask(std::uint32_t word, std::string_view bytes, Duration timeout) {
  const FrameDeadline deadline = deadline_after(timeout);
  const auto written = write_frame(calls_.get(), word, bytes, deadline);
  if (!written) return failure(fail(written.error(), timeout));
  auto answer = read_frame(calls_.get(), deadline);
  if (!answer) return failure(fail(answer.error(), timeout));
  return std::move(*answer);
}

std::string HostProcess::fail(FrameProblem problem, Duration timeout) {
  if (problem == FrameProblem::ended) return "its host process " + end();
  kill_and_reap(Duration(0));
  if (problem == FrameProblem::late) {
    return "it gave no answer within " + to_text(timeout) + ", and its host process was killed";
  }
  return "what its host process answered is no answer, and the process was killed";
}

Result<Descriptor> HostProcess::copy_descriptor(int number) const {
  Descriptor copy(static_cast<int>(::syscall(SYS_pidfd_getfd, process_.get(), number, 0)));
  if (!copy) {
    return system_failure(
        "cannot take over descriptor " + std::to_string(number) + " of the module's host process",
        errno);
  }
  return copy;
}

const std::string& HostProcess::end() {
  if (!ended()) kill_and_reap(end_patience);
  return end_;
}

void HostProcess::kill_and_reap(Duration patience) {
  if (ended()) return;
  calls_.reset();  // which it takes as a request to end
  pollfd polled{process_.get(), POLLIN, 0};
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(patience);
  if (!process_ || ::poll(&polled, 1, static_cast<int>(wait.count())) <= 0) ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  end_ = end_text(status);
}

}  // namespace mesolite::modules

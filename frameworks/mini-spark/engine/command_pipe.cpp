#include "frameworks/mini-spark/engine/command_pipe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <sstream>

#include "frameworks/mini-spark/engine/failures.hpp"

extern char** environ;

namespace mesolite::spark {
namespace {

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw TaskFailure("pipe: no descriptors are left");
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int end(std::size_t index) const { return ends_[index]; }
  void close(std::size_t index) {
    if (ends_[index] >= 0) ::close(ends_[index]);
    ends_[index] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

pid_t spawn(const std::string& command, const Pipe& in, const Pipe& out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.end(0), 0);
  posix_spawn_file_actions_adddup2(&actions, out.end(1), 1);
  // What this process ignores (exchange() must) the command should not.
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::array<const char*, 4> arguments{"sh", "-c", command.c_str(), nullptr};
  pid_t child = -1;
  const int error = posix_spawn(&child, "/bin/sh", &actions, &attributes,
                                const_cast<char* const*>(arguments.data()), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw TaskFailure("pipe: cannot start '" + command + "'");
  return child;
}

// Feeds and drains at the same time: either side may be the one that is full. A reader that has
// seen enough breaks the pipe, which is no failure; its status decides. REQUIRES: SIGPIPE ignored.
std::string exchange(Pipe& in, Pipe& out, std::string_view input) {
  ::fcntl(in.end(1), F_SETFL, O_NONBLOCK);
  std::string output;
  std::array<char, 65'536> buffer{};
  while (true) {
    if (input.empty()) in.close(1);
    std::array<pollfd, 2> polled{pollfd{out.end(0), POLLIN, 0}, pollfd{in.end(1), POLLOUT, 0}};
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
    if (polled[1].revents != 0) {
      const ssize_t written = ::write(in.end(1), input.data(), input.size());
      if (written > 0) input.remove_prefix(static_cast<std::size_t>(written));
      if (written < 0 && errno != EAGAIN && errno != EINTR) input = {};
    }
    if (polled[0].revents == 0) continue;
    const ssize_t got = ::read(out.end(0), buffer.data(), buffer.size());
    if (got == 0) break;
    if (got > 0) output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return output;
}

}  // namespace

std::vector<std::string> lines_through(const std::string& command, const std::string& input) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe in;
  Pipe out;
  const pid_t child = spawn(command, in, out);
  in.close(0);
  out.close(1);
  std::istringstream output(exchange(in, out, input));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    throw TaskFailure("pipe: '" + command + "' was killed by signal " +
                      std::to_string(WTERMSIG(status)));
  }
  if (status != 0) {
    throw TaskFailure("pipe: '" + command + "' ended with status " +
                      std::to_string(WEXITSTATUS(status)));
  }
  std::vector<std::string> lines;
  for (std::string line; std::getline(output, line);) lines.push_back(line);
  return lines;
}

}  // namespace mesolite::spark

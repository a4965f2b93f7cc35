#include "frameworks/mini-hadoop/streaming/piped_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace mesolite::hadoop {
namespace {

constexpr std::size_t pipe_size = std::size_t{256} << 10;
constexpr std::size_t line_max = std::size_t{64} << 20;
constexpr int stop_check_ms = 200;

void close_if_open(int& descriptor) {
  if (descriptor >= 0) close(descriptor);
  descriptor = -1;
}

// What posix_spawn is told beside the command; both are freed with it.
struct SpawnSetup {
  SpawnSetup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &pipe);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

// This process's environment with these in place of what has the same name.
std::vector<char*> merged_environment(std::vector<std::string>& added) {
  std::vector<char*> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view own(*entry);
    const std::string_view name = own.substr(0, own.find('=') + 1);
    const bool replaced = std::any_of(added.begin(), added.end(),
                                      [&](const std::string& a) { return a.starts_with(name); });
    if (!replaced) all.push_back(*entry);
  }
  for (std::string& entry : added) all.push_back(entry.data());
  all.push_back(nullptr);
  return all;
}

std::string end_of(int status) {
  if (WIFEXITED(status)) return "ended with status " + std::to_string(WEXITSTATUS(status));
  return "was killed by signal " + std::to_string(WTERMSIG(status));
}

}  // namespace

PipedCommand::PipedCommand(Options options) : options_(std::move(options)) {
  streams_[0].take = options_.output;
  streams_[1].take = options_.errors;
}

Result<std::unique_ptr<PipedCommand>> PipedCommand::start(Options options) {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  std::unique_ptr<PipedCommand> command(new PipedCommand(std::move(options)));
  if (auto spawned = command->spawn(); !spawned) return tl::unexpected(spawned.error());
  return command;
}

Status PipedCommand::spawn() {
  std::array<std::array<int, 2>, 3> pipes{{{-1, -1}, {-1, -1}, {-1, -1}}};
  for (auto& ends : pipes) {
    if (pipe2(ends.data(), O_CLOEXEC) == 0) continue;
    const int problem = errno;
    for (auto& made : pipes) std::for_each(made.begin(), made.end(), close_if_open);
    return system_failure("cannot make a pipe", problem);
  }
  SpawnSetup setup;
  posix_spawn_file_actions_adddup2(&setup.actions, pipes[0][0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&setup.actions, pipes[1][1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&setup.actions, pipes[2][1], STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&setup.actions, options_.directory.c_str());
  std::array<std::string, 3> words = {"/bin/sh", "-c", options_.command};
  std::array<char*, 4> arguments = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  const auto environment = merged_environment(options_.environment);
  errno = posix_spawn(&child_, "/bin/sh", &setup.actions, &setup.attributes, arguments.data(),
                      environment.data());
  const int problem = errno;
  close(pipes[0][0]);
  close(pipes[1][1]);
  close(pipes[2][1]);
  input_ = pipes[0][1];
  streams_[0].descriptor = pipes[1][0];
  streams_[1].descriptor = pipes[2][0];
  errno = problem;
  if (errno != 0) {
    child_ = -1;
    return system_failure("cannot start '" + options_.command + "'", errno);
  }
  fcntl(input_, F_SETFL, O_NONBLOCK);
  fcntl(input_, F_SETPIPE_SZ, static_cast<int>(pipe_size));  // fewer turns; it may stay smaller
  return {};
}

PipedCommand::~PipedCommand() {
  close_if_open(input_);
  for (Stream& stream : streams_) close_if_open(stream.descriptor);
  if (child_ < 0) return;
  kill(-child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

Status PipedCommand::write(std::string_view bytes) {
  if (input_ < 0) return {};
  pending_.append(bytes);
  return pending_.size() < pipe_size ? Status{} : pump(pipe_size / 2);
}

Status PipedCommand::finish() {
  if (auto given = pump(0); !given) return given;
  close_if_open(input_);
  if (auto taken = pump(0); !taken) return taken;
  for (Stream& stream : streams_) {
    if (stream.partial.empty()) continue;
    if (auto taken = stream.take(std::exchange(stream.partial, {})); !taken) return taken;
  }
  int status = 0;
  if (waitpid(child_, &status, 0) < 0) return system_failure("cannot wait for the command", errno);
  kill(-std::exchange(child_, -1), SIGKILL);  // what it left behind
  if (status == 0) return {};
  return failure("'" + options_.command + "' " + end_of(status));
}

// Moves bytes both ways until at most `keep` bytes of input are pending; once the input is closed,
// until the output ends.
Status PipedCommand::pump(std::size_t keep) {
  while (true) {
    const bool output_open = streams_[0].descriptor >= 0 || streams_[1].descriptor >= 0;
    if (input_ >= 0 ? pending_.size() <= keep : !output_open) return {};
    if (options_.stop.stop_requested()) return failure("stopped");
    std::array<pollfd, 3> watched{pollfd{streams_[0].descriptor, POLLIN, 0},
                                  pollfd{streams_[1].descriptor, POLLIN, 0},
                                  pollfd{input_, POLLOUT, 0}};
    if (poll(watched.data(), watched.size(), stop_check_ms) < 0 && errno != EINTR) {
      return system_failure("cannot wait for the command's output", errno);
    }
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (watched[i].revents == 0) continue;
      if (auto taken = take_from(streams_[i]); !taken) return taken;
    }
    if (watched[2].revents != 0 && !give()) {
      close_if_open(input_);
      pending_.clear();
      return {};
    }
  }
}

// False: the command does not read its input any more.
bool PipedCommand::give() {
  const ssize_t put = ::write(input_, pending_.data(), pending_.size());
  if (put >= 0) pending_.erase(0, static_cast<std::size_t>(put));
  return put >= 0 || errno == EAGAIN || errno == EINTR;
}

Status PipedCommand::take_from(Stream& stream) {
  std::array<char, std::size_t{64} << 10> bytes;
  const ssize_t got = read(stream.descriptor, bytes.data(), bytes.size());
  if (got > 0) return take_lines(stream, {bytes.data(), static_cast<std::size_t>(got)});
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return {};
  close_if_open(stream.descriptor);
  return {};
}

Status PipedCommand::take_lines(Stream& stream, std::string_view bytes) {
  while (true) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) break;
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    Status taken;
    if (stream.partial.empty()) {
      taken = stream.take(line);
    } else {
      stream.partial.append(line);
      taken = stream.take(stream.partial);
      stream.partial.clear();
    }
    if (!taken) return taken;
  }
  stream.partial.append(bytes);
  if (stream.partial.size() <= line_max) return {};
  return failure("'" + options_.command + "' wrote a line of more than " +
                 std::to_string(line_max) + " bytes");
}

}  // namespace mesolite::hadoop

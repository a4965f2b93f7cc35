#include "sdk/src/module/preflight.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>

#include "mesolite/base/text.hpp"
#include "sdk/src/module/descriptor.hpp"

namespace mesolite {
namespace {

constexpr std::size_t output_bytes_max = 1u << 20;
constexpr std::size_t complaint_bytes_max = 400;

struct Pipe {
  Descriptor read;
  Descriptor write;

  Status open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_failure("cannot make a pipe", errno);
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
    return {};
  }
};

// The child process: what it says on both outputs, and how it ends.
class Child {
 public:
  ~Child() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    reap();
  }

  Status start(const std::string& program, const std::string& file) {
    for (Pipe* pipe : {&output_, &errors_}) {
      if (const Status opened = pipe->open(); !opened) return opened;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output_.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors_.write.get(), STDERR_FILENO);
    std::array<char*, 3> arguments = {const_cast<char*>(program.c_str()),
                                      const_cast<char*>(file.c_str()), nullptr};
    pid_t pid = -1;
    const int error =
        ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return system_failure("cannot run '" + program + "'", error);
    pid_ = pid;
    output_.write.reset();
    errors_.write.reset();
    return {};
  }

  // Reads both outputs to their ends; false if that took longer than the timeout.
  bool listen(Duration timeout) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    while (output_.read || errors_.read) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      std::array<pollfd, 2> polled = {pollfd{output_.read.get(), POLLIN, 0},
                                      pollfd{errors_.read.get(), POLLIN, 0}};
      if (::poll(polled.data(), polled.size(), static_cast<int>(left.count())) < 0) continue;
      if (polled[0].revents != 0) take(output_.read, output);
      if (polled[1].revents != 0) take(errors_.read, errors);
    }
    return true;
  }

  // Its wait status. Its outputs may be closed long before its end: a process that goes on then is
  // ended by us.
  int finish() {
    ::kill(pid_, SIGKILL);
    return reap();
  }

  int wait() { return reap(); }

  std::string output;
  std::string errors;

 private:
  static void take(Descriptor& from, std::string& to) {
    std::array<char, 4096> piece;
    const ssize_t size = ::read(from.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) return;
    if (size <= 0) return from.reset();
    const std::size_t room = output_bytes_max - std::min(output_bytes_max, to.size());
    to.append(piece.data(), std::min(room, static_cast<std::size_t>(size)));
  }

  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

  pid_t pid_ = -1;
  Pipe output_;
  Pipe errors_;
};

// What it printed before its end, on one line: "terminate called after throwing …".
std::string complaint(const std::string& errors) {
  std::string line;
  for (const std::string_view part : split(errors, '\n')) {
    const std::string_view words = trim(part);
    if (words.empty()) continue;
    if (!line.empty()) line += " ";
    line += words;
  }
  if (line.size() > complaint_bytes_max) line.resize(complaint_bytes_max);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return line.empty() ? "" : ": " + line;
}

// Why the process did not end as it should, or nothing if it did.
std::optional<std::string> bad_end(int status, const std::string& errors) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return " crashed while it was opened (signal " + std::to_string(signal) + ", " +
           std::string(::strsignal(signal)) + ")" + complaint(errors);
  }
  if (WEXITSTATUS(status) != 0) {
    return " ended the process that opened it (exit status " + std::to_string(WEXITSTATUS(status)) +
           ")" + complaint(errors);
  }
  return std::nullopt;
}

}  // namespace

Result<ModuleDescription> preflight(const PreflightSettings& settings,
                                    const std::filesystem::path& file) {
  const std::string title = module_title(file);
  Child child;
  if (const Status started = child.start(settings.program.string(), file.string()); !started) {
    return failure(title + " cannot be tried", started.error());
  }
  if (!child.listen(settings.timeout)) {
    child.finish();
    return failure(title + " hangs: it was not open after " + to_text(settings.timeout));
  }
  if (const auto problem = bad_end(child.wait(), child.errors)) return failure(title + *problem);
  const auto report = decode<PreflightReport>(child.output);
  if (!report) return failure(title + " ended the process that opened it before it could report");
  if (!report->problem.empty()) return failure(report->problem);
  return report->description;
}

}  // namespace mesolite

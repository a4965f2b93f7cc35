#include "kernel/container/launcher/init.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

namespace mesolite::container {
namespace {

constexpr const char* init_name = "mesolite-init";
// The descriptors that init has besides the standard ones: for the program's wait status; and one
// that it closes when the program may begin.
constexpr int status_number = 3;
constexpr int ready_number = 4;
constexpr unsigned memfd_executable = 0x10;  // MFD_EXEC, younger than the C library

int make_memory_file() {
  const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int number = ::memfd_create(init_name, flags | memfd_executable);
  return number >= 0 || errno != EINVAL ? number : ::memfd_create(init_name, flags);
}

// It must be able to end everything in its namespace, and nothing else.
void keep_only_killing() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  data[0].effective = data[0].permitted = 1u << CAP_KILL;
  ::syscall(SYS_capset, &header, data);
}

// Reaps all that has ended; true if the program is among them.
bool reap(pid_t program, int& status) {
  bool over = false;
  int ended_with = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &ended_with, WNOHANG)) > 0;) {
    if (pid != program) continue;
    over = true;
    status = ended_with;
  }
  return over;
}

}  // namespace

Result<Descriptor> make_init_image() {
  const std::string what = "cannot make an image of init";
  const Descriptor program(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  struct stat facts {};
  if (!program || ::fstat(program.get(), &facts) != 0) return system_failure(what, errno);
  Descriptor image(make_memory_file());
  if (!image) return system_failure(what, errno);
  for (off_t done = 0; done < facts.st_size;) {
    const ssize_t copied = ::sendfile(image.get(), program.get(), &done,
                                      static_cast<std::size_t>(facts.st_size - done));
    if (copied <= 0) return system_failure(what, errno);
  }
  constexpr int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (::fcntl(image.get(), F_ADD_SEALS, seals) != 0) return system_failure(what, errno);
  return image;
}

void become_init(int image, pid_t program, int status_pipe, int ready_pipe) {
  char number[16] = {};
  std::string text = std::to_string(program);
  text.copy(number, sizeof number - 1);
  char* arguments[] = {const_cast<char*>(init_name), const_cast<char*>("--init"), number, nullptr};
  char* environment[] = {nullptr};
  // Each of them may have a number that another one is to get.
  constexpr int above = ready_number + 1;
  const int kept = ::fcntl(image, F_DUPFD_CLOEXEC, above);
  const int status = ::fcntl(status_pipe, F_DUPFD_CLOEXEC, above);
  const int ready = ::fcntl(ready_pipe, F_DUPFD_CLOEXEC, above);
  if (kept < 0 || ::dup2(status, status_number) < 0 || ::dup2(ready, ready_number) < 0) return;
  ::syscall(SYS_close_range, ready_number + 1u, ~0u, CLOSE_RANGE_CLOEXEC);
  ::execveat(kept, "", arguments, environment, AT_EMPTY_PATH);
}

int run_init(int count, char** arguments) {
  const pid_t program = count > 2 ? ::atoi(arguments[2]) : 0;
  ::prctl(PR_SET_NAME, init_name);
  ::prctl(PR_SET_DUMPABLE, 0);
  keep_only_killing();
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::close(ready_number);
  int status = 0;
  while (!reap(program, status)) {
    siginfo_t signal{};
    if (::sigwaitinfo(&all, &signal) < 0) continue;
    if (signal.si_signo != SIGCHLD) ::kill(-program, signal.si_signo);
  }
  [[maybe_unused]] const auto written = ::write(status_number, &status, sizeof status);
  return 0;
}

}  // namespace mesolite::container

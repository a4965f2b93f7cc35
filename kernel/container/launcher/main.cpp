// mesolite-launch: started by an agent, which it outlives, to be the parent of its containers. In a
// container with a namespace of processes of its own the same program is init.
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "kernel/container/launcher/child.hpp"
#include "kernel/container/launcher/init.hpp"
#include "kernel/container/launcher/launcher.hpp"
#include "kernel/container/launcher_messages.hpp"

namespace mesolite::container {
namespace {

constexpr int exit_usage = 64;

int run(int count, char** arguments) {
  if (count > 1 && std::strcmp(arguments[1], "--init") == 0) return run_init(count, arguments);
  if (count != 2) {
    std::fputs("usage: mesolite-launch DIRECTORY (an agent starts it, with itself at 3)\n", stderr);
    return exit_usage;
  }
  set_up_signals();
  ::syscall(SYS_close_range, launcher_connection + 1u, ~0u, 0u);
  ::umask(022);
  Descriptor connection;
  if (::fcntl(launcher_connection, F_SETFD, FD_CLOEXEC) == 0) {
    connection = Descriptor(launcher_connection);
  }
  auto launcher = Launcher::open(arguments[1], std::move(connection));
  if (!launcher) {
    std::fprintf(stderr, "mesolite-launch: %s\n", launcher.error().message.c_str());
    return 1;
  }
  if (::chdir("/") != 0) return 1;
  (*launcher)->run();
  return 0;
}

}  // namespace
}  // namespace mesolite::container

int main(int count, char** arguments) {
  return mesolite::container::run(count, arguments);
}

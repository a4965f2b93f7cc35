#include "kernel/container/helper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>

#include <cerrno>

namespace mesolite::container {
namespace {

// Descriptors are first put out of each other's way, from here on, then into their places.
constexpr int aside = 500;

void place_descriptors(posix_spawn_file_actions_t& actions, const std::vector<int>& descriptors) {
  const int count = static_cast<int>(descriptors.size());
  for (int i = 0; i < count; ++i) {
    const int from = descriptors[static_cast<std::size_t>(i)];
    if (from != null_device) posix_spawn_file_actions_adddup2(&actions, from, aside + i);
  }
  for (int i = 0; i < count; ++i) {
    if (descriptors[static_cast<std::size_t>(i)] == null_device) {
      posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
      continue;
    }
    posix_spawn_file_actions_adddup2(&actions, aside + i, i);
    posix_spawn_file_actions_addclose(&actions, aside + i);
  }
}

// A list of C strings as execve(2) wants it, which does not write to them.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

}  // namespace

Result<pid_t> start_helper(const Helper& helper) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  place_descriptors(actions, helper.descriptors);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  std::vector<char*> arguments = pointers(helper.arguments);
  arguments.insert(arguments.begin(), const_cast<char*>(helper.program.c_str()));
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, helper.program.c_str(), &actions, &attributes,
                                  arguments.data(), pointers(helper.environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return system_failure("cannot start " + helper.what + " '" + helper.program + "'", error);
  }
  return pid;
}

Result<Descriptor> make_order(std::string_view text) {
  Descriptor order(::memfd_create("order", MFD_CLOEXEC));
  if (!order ||
      ::pwrite(order.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return system_failure("cannot write down what a helper is to do", errno);
  }
  return order;
}

std::string read_answer(const Descriptor& answer, std::size_t bytes_max) {
  std::string text(bytes_max, '\0');
  const ssize_t count = ::pread(answer.get(), text.data(), text.size(), 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

}  // namespace mesolite::container

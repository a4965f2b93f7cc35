#include "kernel/container/launcher/cgroups.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <vector>

#include "kernel/container/descriptor.hpp"

namespace mesolite::container {
namespace {

std::vector<pid_t> processes_of(const std::string& directory) {
  const Descriptor file(::open((directory + "/cgroup.procs").c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char piece[4096];
  for (ssize_t count = 0; (count = ::read(file.get(), piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<std::size_t>(count));
  }
  std::istringstream numbers(text);
  return {std::istream_iterator<pid_t>(numbers), {}};
}

// On v1 by the file through which processes enter, which the kernel has at hand.
bool is_empty(const std::string& directory) {
  Descriptor file(::open((directory + "/tasks").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) file = Descriptor(::open((directory + "/cgroup.procs").c_str(), O_RDONLY | O_CLOEXEC));
  char first = 0;
  return ::read(file.get(), &first, 1) <= 0;
}

// A number may come to mean another process at any moment, a pidfd may not: one that was opened
// before the number was seen in the cgroup once more stands for a process of it, or for a dead one.
void kill_each(const std::string& directory, const std::vector<pid_t>& processes) {
  std::vector<Descriptor> held;
  for (const pid_t pid : processes) {
    held.emplace_back(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  }
  const std::vector<pid_t> still = processes_of(directory);
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (!held[i] || std::ranges::count(still, processes[i]) == 0) continue;
    ::syscall(SYS_pidfd_send_signal, held[i].get(), SIGKILL, nullptr, 0);
  }
}

// A directory has one link of its own, one from its parent, and one from each directory in it.
bool has_groups_below(const std::string& directory) {
  struct stat facts {};
  return ::stat(directory.c_str(), &facts) == 0 && facts.st_nlink > 2;
}

bool kill_groups_below(const std::string& directory) {
  bool empty = true;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_directory(error) && !kill_cgroup(entry->path())) empty = false;
  }
  return empty;
}

bool write_one(const std::string& file) {
  const Descriptor opened(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  return opened && ::write(opened.get(), "1", 1) == 1;
}

}  // namespace

bool kill_cgroup(const std::string& directory) {
  const bool empty_below = !has_groups_below(directory) || kill_groups_below(directory);
  if (is_empty(directory)) return empty_below;
  const std::vector<pid_t> processes = processes_of(directory);
  if (!write_one(directory + "/cgroup.kill")) kill_each(directory, processes);
  return false;
}

}  // namespace mesolite::container

#include "kernel/container/check/likeness.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>

#include "kernel/container/seccomp_filter.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::container {
namespace {

constexpr int namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

std::string process_path(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string link_of(const std::string& path) {
  char target[256];
  const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
  return size < 0 ? "" : std::string(target, static_cast<std::size_t>(size));
}

std::vector<std::string> lines_of(const std::string& text, char separator) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, separator)) {
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

// An init of ours stands before the program in a namespace of processes of its own.
pid_t program_of(pid_t first) {
  if (link_of(process_path(first, "ns/pid")) == link_of("/proc/self/ns/pid")) return first;
  const std::string task = "task/" + std::to_string(first) + "/children";
  std::istringstream children(read_file(process_path(first, task.c_str())));
  pid_t child = 0;
  return children >> child ? child : first;
}

void read_status(Likeness& likeness) {
  std::istringstream lines(read_file(process_path(likeness.pid, "status")));
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    const std::string name = line.substr(0, colon);
    std::istringstream value(line.substr(colon + 1));
    if (name == "Uid") value >> likeness.uid;
    if (name == "Gid") value >> likeness.gid;
    if (name == "Groups") likeness.groups = {std::istream_iterator<gid_t>(value), {}};
    if (name == "CapBnd") value >> std::hex >> likeness.capabilities_bounding;
    if (name == "CapEff") value >> std::hex >> likeness.capabilities_effective;
    if (name == "NoNewPrivs") value >> likeness.no_new_privileges;
    if (name == "Seccomp") value >> likeness.filtered;
  }
}

Status enter_namespaces(const Likeness& likeness, int which) {
  if (::setns(likeness.pidfd.get(), which) == 0) return {};
  // Who is not root has made no namespaces: there is nothing to enter.
  if (errno == EPERM && ::geteuid() != 0) return {};
  return system_failure("cannot enter the container's namespaces", errno);
}

// A line of /proc/PID/cgroup as a directory of the host: "3:cpu:/a" or, on v2, "0::/a".
std::vector<std::string> directories_of(const std::string& line, const std::string& mount) {
  const auto first = line.find(':');
  const auto second = line.find(':', first + 1);
  if (first == line.npos || second == line.npos) return {};
  const std::string controllers = line.substr(first + 1, second - first - 1);
  const std::string path = line.substr(second + 1);
  if (controllers.empty()) return {mount + "/unified" + path, mount + path};
  return {mount + "/" + controllers + path};
}

void enter_cgroups(const Likeness& likeness, const std::string& mount) {
  for (const std::string& line : likeness.cgroups) {
    for (const std::string& directory : directories_of(line, mount)) {
      std::ofstream(directory + "/cgroup.procs") << ::getpid() << std::flush;
    }
  }
}

Status give_up_capabilities(const Likeness& likeness) {
  for (int number = 0; ::prctl(PR_CAPBSET_READ, number) >= 0; ++number) {
    if ((likeness.capabilities_bounding >> number & 1) != 0) continue;
    if (::prctl(PR_CAPBSET_DROP, number) != 0) {
      return system_failure("cannot give up a capability", errno);
    }
  }
  return {};
}

Status keep_capabilities(const Likeness& likeness) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  const auto low = static_cast<std::uint32_t>(likeness.capabilities_effective);
  const auto high = static_cast<std::uint32_t>(likeness.capabilities_effective >> 32);
  data[0] = {low, low, 0};
  data[1] = {high, high, 0};
  if (::syscall(SYS_capset, &header, data) == 0) return {};
  return system_failure("cannot give up capabilities", errno);
}

}  // namespace

Result<Likeness> likeness_of(pid_t first) {
  Likeness likeness;
  likeness.pid = program_of(first);
  likeness.pidfd = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, likeness.pid, 0)));
  if (!likeness.pidfd) return failure("the container's process has ended");
  const auto open = [&](const char* what) {
    return Descriptor(
        ::open(process_path(likeness.pid, what).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  };
  likeness.root = open("root");
  likeness.directory = open("cwd");
  likeness.environment = lines_of(read_file(process_path(likeness.pid, "environ")), '\0');
  likeness.cgroups = lines_of(read_file(process_path(likeness.pid, "cgroup")), '\n');
  read_status(likeness);
  if (!likeness.root || !likeness.directory) return failure("the container's process has ended");
  return likeness;
}

Status enter_network(const Likeness& likeness) {
  return enter_namespaces(likeness, CLONE_NEWNET);
}

Status enter(const Likeness& likeness, const std::string& cgroup_mount) {
  if (likeness.filtered && likeness.seccomp_filter.empty()) {
    return failure("the program has a seccomp filter of its own, which a command would not have");
  }
  enter_cgroups(likeness, cgroup_mount);
  return enter_namespaces(likeness, namespaces);
}

Status resemble(const Likeness& likeness) {
  if (::geteuid() == 0) {
    if (::fchdir(likeness.root.get()) != 0 || ::chroot(".") != 0) {
      return system_failure("cannot enter the container's root", errno);
    }
    if (auto given_up = give_up_capabilities(likeness); !given_up) return given_up;
  }
  if (::fchdir(likeness.directory.get()) != 0) {
    return system_failure("cannot enter the container's directory", errno);
  }
  if (::geteuid() == 0) {
    if (::setgroups(likeness.groups.size(), likeness.groups.data()) != 0 ||
        ::setresgid(likeness.gid, likeness.gid, likeness.gid) != 0 ||
        ::setresuid(likeness.uid, likeness.uid, likeness.uid) != 0) {
      return system_failure("cannot become the container's user", errno);
    }
    if (likeness.uid == 0) {
      if (auto kept = keep_capabilities(likeness); !kept) return kept;
    }
  }
  if (likeness.no_new_privileges) ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (const int error = load_seccomp_filter(likeness.seccomp_filter.view()); error != 0) {
    return system_failure("cannot take over the container's seccomp filter", error);
  }
  return {};
}

}  // namespace mesolite::container

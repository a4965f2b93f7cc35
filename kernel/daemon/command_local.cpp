// `mesolite local`: a cluster that is there until Ctrl-C and then is gone.
//
// Two processes guard each other. The one that the user started waits; its child runs the cluster.
// When either is killed, the other notices (through a pidfd, or through the signal that Linux sends
// on a parent's death), ends all daemons and tasks, and removes the temporary directory.
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/local_cluster.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/runtime/runtime_directory.hpp"
#include "kernel/runtime/signals.hpp"

namespace mesolite::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view program = "mesolite local";

// The cluster's directory: the user's, or a temporary one that goes with its owner.
class WorkDirectory {
 public:
  static Result<WorkDirectory> open(const fs::path& wanted) {
    if (!wanted.empty()) {
      auto path = runtime::ensure_work_directory(wanted, "--work-dir");
      if (!path) return tl::unexpected(path.error());
      return WorkDirectory(std::move(*path), false);
    }
    std::error_code problem;
    std::string path = (fs::temp_directory_path(problem) / "mesolite-local-XXXXXX").string();
    if (problem || ::mkdtemp(path.data()) == nullptr) {
      return system_failure("cannot make the directory '" + path + "'", errno);
    }
    return WorkDirectory(path, true);
  }

  const fs::path& path() const { return path_; }
  void remove_if_temporary() const {
    std::error_code ignored;  // a second look would find the same
    if (temporary_) fs::remove_all(path_, ignored);
  }

 private:
  WorkDirectory(fs::path path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
  fs::path path_;
  bool temporary_;
};

// Where this program's own installation, or build tree, has the daemons.
Result<fs::path> daemons_directory() {
  std::error_code problem;
  const fs::path self = fs::read_symlink("/proc/self/exe", problem);
  const fs::path directory = self.parent_path().parent_path() / "sbin";
  for (const char* name : {"mesos-master", "mesos-agent"}) {
    if (!fs::exists(directory / name, problem)) {
      return failure(std::string(name) + " is not in '" + directory.string() + "'");
    }
  }
  return directory;
}

// True when a signal has come, now or within `pause`.
bool interrupted_within(runtime::SignalWatch& signals, Duration pause) {
  return wait_readable(signals.descriptor(), pause) && signals.take() != 0;
}

// Waits until a signal comes or the master ends; false in the latter case.
bool serve(LocalCluster& cluster, runtime::SignalWatch& signals) {
  while (cluster.master_runs()) {
    std::vector<pollfd> wanted{{signals.descriptor(), POLLIN, 0}};
    for (const int descriptor : cluster.descriptors()) wanted.push_back({descriptor, POLLIN, 0});
    ::poll(wanted.data(), wanted.size(), -1);
    if (signals.take() != 0) return true;
    for (const std::string& ended : cluster.take_ended()) {
      std::cerr << program << ": " << ended << std::endl;
    }
  }
  return false;
}

int run_cluster(LocalSettings settings, runtime::SignalWatch& signals) {
  LocalCluster cluster(std::move(settings),
                       [&](Duration pause) { return interrupted_within(signals, pause); });
  int status = 0;
  if (auto started = cluster.start(); !started) {
    status = fail(program, started.error());
  } else {
    std::cout << "ready " << cluster.address() << std::endl;
    status = serve(cluster, signals) ? 0 : 1;
  }
  cluster.stop();
  return status;
}

// In the child: everything ends with it, or with its parent.
[[noreturn]] void be_the_cluster(LocalSettings settings, runtime::SignalWatch& signals,
                                 const WorkDirectory& directory, pid_t parent) {
  ::setsid();  // a Ctrl-C reaches the parent alone, which passes it on
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  become_subreaper();
  int status = 1;
  if (::getppid() == parent) status = run_cluster(std::move(settings), signals);
  kill_descendants();
  directory.remove_if_temporary();
  std::exit(status);
}

// In the parent: passes signals on until the child ends. The second one of them ends it by force.
int guard(pid_t child, runtime::SignalWatch& signals) {
  const Descriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  int count = 0;
  while (true) {
    pollfd wanted[] = {{ended.get(), POLLIN, 0}, {signals.descriptor(), POLLIN, 0}};
    ::poll(wanted, 2, -1);
    if (wanted[0].revents != 0) break;
    while (signals.take() != 0) ::kill(child, ++count > 2 ? SIGKILL : SIGTERM);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return shell_status(status);
}

}  // namespace

int local_command(const LocalOptions& options) {
  runtime::SignalWatch signals;
  const auto programs = daemons_directory();
  if (!programs) return fail(program, programs.error());
  const auto directory = WorkDirectory::open(options.work_dir);
  if (!directory) return fail(program, directory.error());
  LocalSettings settings;
  settings.programs = *programs;
  settings.work_dir = directory->path();
  settings.agents = options.agents;
  settings.port = options.port;
  settings.resources = options.resources;

  become_subreaper();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) be_the_cluster(std::move(settings), signals, *directory, parent);
  const int status = child > 0 ? guard(child, signals)
                               : fail(program, system_failure("cannot fork", errno).value());
  kill_descendants();
  directory->remove_if_temporary();
  return status;
}

}  // namespace mesolite::daemon

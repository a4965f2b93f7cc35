// Groups made, entered and removed.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>
#include <thread>

#include "mesolite/base/text.hpp"
#include "mesolite/module/cgroups.hpp"

namespace mesolite {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause_first{1};  // between attempts to remove; it doubles
constexpr std::chrono::milliseconds pause_max{20};

bool contains(const auto& list, const auto& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// What lies on the way from a mount to the group at `path`, it too: "a", "a/b", "a/b/c".
std::vector<std::string> way_to(const std::string& path) {
  std::vector<std::string> way;
  for (std::size_t end = path.find('/'); end != path.npos; end = path.find('/', end + 1)) {
    way.push_back(path.substr(0, end));
  }
  way.push_back(path);
  return way;
}

std::vector<std::string> folders_in(const std::string& path) {
  std::vector<std::string> folders;
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_directory(error)) folders.push_back(entry->path().filename());
  }
  return folders;
}

}  // namespace

Status CgroupFs::ensure_directory(const Hierarchy& hierarchy, const std::string& path) {
  return made(hierarchy, path, calls_->make_directory(path));
}

// What follows from an attempt to make a directory that ended with this errno.
Status CgroupFs::made(const Hierarchy& hierarchy, const std::string& path, int error) {
  if (error == EEXIST) return {};
  if (error != 0) return system_failure("cannot make the cgroup '" + path + "'", error);
  const bool cpuset = hierarchy.version == CgroupVersion::v1 &&
                      contains(hierarchy.controllers, std::string_view("cpuset"));
  return cpuset ? inherit_cpuset(path) : Status();
}

// A new group of v1 has no CPUs and no memory nodes, and takes no process until it does.
Status CgroupFs::inherit_cpuset(const std::string& path) {
  const std::string parent = path.substr(0, path.rfind('/'));
  for (const char* file : {"/cpuset.cpus", "/cpuset.mems"}) {
    std::string value;
    int error = calls_->read(parent + file, value);
    if (error == 0) error = calls_->write(path + file, trim(value));
    if (error != 0) {
      return system_failure("cannot hand '" + parent + file + "' down to '" + path + "'", error);
    }
  }
  return {};
}

// Lets the children of a v2 group have controllers.
Status CgroupFs::enable(Hierarchy& hierarchy, const std::string& parent,
                        const std::vector<std::string>& controllers) {
  for (const std::string& controller : controllers) {
    if (!contains(hierarchy.controllers, controller)) continue;
    const std::string file = parent + "/cgroup.subtree_control";
    if (const int error = calls_->write(file, "+" + controller); error != 0) {
      return system_failure("cannot enable the controller '" + controller + "' in '" + file + "'",
                            error);
    }
  }
  return {};
}

Status CgroupFs::make_in(Hierarchy& hierarchy, const std::string& name,
                         const std::vector<std::string>& controllers) {
  const bool v2 = hierarchy.version == CgroupVersion::v2;
  // Most of the time only the last one is missing, and on v1 no other needs to be looked at.
  if (!v2 && !name.empty()) {
    const std::string group = directory(hierarchy, name);
    const int error = calls_->make_directory(group);
    if (error != ENOENT) return made(hierarchy, group, error);
  }
  std::string parent = hierarchy.directory;
  for (const std::string& step : way_to(name.empty() ? place_.root : place_.root + "/" + name)) {
    // Down to our root a controller is enabled once, for all containers that follow.
    const std::size_t below_root = place_.root.size() + 1;
    const bool nested = step.size() > below_root && step.find('/', below_root) != step.npos;
    std::vector<std::string> wanted;
    for (const std::string& controller : controllers) {
      if (v2 && (nested || !contains(hierarchy.enabled, controller))) wanted.push_back(controller);
    }
    if (auto enabled = enable(hierarchy, parent, wanted); !enabled) return enabled;
    parent = hierarchy.directory + "/" + step;
    if (auto made = ensure_directory(hierarchy, parent); !made) return made;
  }
  // The root group has no processes, and hands nothing down until a container is made.
  if (!v2 || name.empty()) return {};
  for (const std::string& controller : controllers) {
    if (!contains(hierarchy.enabled, controller)) hierarchy.enabled.push_back(controller);
  }
  return ensure_directory(hierarchy, process_directory(hierarchy, name));
}

Status CgroupFs::make(const std::string& name, const std::vector<std::string>& controllers) {
  for (const std::string& controller : controllers) {
    if (auto known = require(controller); !known) return tl::unexpected(known.error());
  }
  const auto wanted = of(controllers);
  for (const auto& hierarchy : hierarchies_) {
    if (!contains(wanted, hierarchy.get())) continue;
    if (auto made = make_in(*hierarchy, name, controllers); !made) return made;
  }
  return {};
}

Status CgroupFs::enter(const std::string& name, const std::vector<std::string>& controllers,
                       pid_t process) {
  for (const std::string& directory : directories(name, controllers)) {
    const int error = calls_->write(directory + "/cgroup.procs", std::to_string(process));
    if (error != 0) {
      return system_failure(
          "cannot move process " + std::to_string(process) + " to '" + directory + "'", error);
    }
  }
  return {};
}

Status CgroupFs::remove(const std::string& name, const std::vector<std::string>& controllers,
                        Duration patience) {
  const auto wanted = of(controllers);
  Status status;
  for (const auto& hierarchy : hierarchies_) {
    if (!controllers.empty() && !contains(wanted, hierarchy.get())) continue;
    // All are tried, whatever becomes of one.
    auto removed = remove_tree(directory(*hierarchy, name), patience);
    if (!removed) status = removed;
  }
  return status;
}

Status CgroupFs::remove_tree(const std::string& path, Duration patience) {
  int error = calls_->remove_directory(path);
  if (error == 0 || error == ENOENT) return {};
  for (const std::string& folder : folders_in(path)) {
    if (auto removed = remove_tree(path + "/" + folder, patience); !removed) return removed;
  }
  // Processes that have just been killed stay in use for a moment, and so do their groups.
  const auto deadline = Clock::now() + patience;
  auto pause = pause_first;
  while ((error = calls_->remove_directory(path)) == EBUSY && Clock::now() < deadline) {
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, pause_max);
  }
  if (error == 0 || error == ENOENT) return {};
  return system_failure("cannot remove the cgroup '" + path + "'", error);
}

std::vector<std::string> CgroupFs::names() const {
  std::set<std::string> found;
  for (const auto& hierarchy : hierarchies_) {
    for (std::string& folder : folders_in(directory(*hierarchy, ""))) {
      found.insert(std::move(folder));
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace mesolite

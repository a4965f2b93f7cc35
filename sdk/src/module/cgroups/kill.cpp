// Processes listed, frozen and killed.
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <set>
#include <system_error>
#include <thread>

#include "mesolite/base/text.hpp"
#include "mesolite/module/cgroups.hpp"

namespace mesolite {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds freeze_patience{500};
constexpr std::chrono::milliseconds freeze_pause{1};
// Each round kills all that it sees: only what was born meanwhile is left to the next.
constexpr int kill_rounds_max = 100;

void add_processes(std::string_view text, std::set<pid_t>& found) {
  for (const std::string_view line : split(text, '\n')) {
    pid_t process = 0;
    std::from_chars(line.data(), line.data() + line.size(), process);
    // 0 stands for processes of another pid namespace, which nobody here can signal.
    if (process > 0) found.insert(process);
  }
}

}  // namespace

const CgroupFs::Hierarchy* CgroupFs::tracker(const std::string& name) const {
  const auto exists = [&](const Hierarchy* hierarchy) {
    return hierarchy != nullptr && ::access(directory(*hierarchy, name).c_str(), F_OK) == 0;
  };
  if (exists(v2_)) return v2_;
  if (const Hierarchy* freezer = find("freezer"); exists(freezer)) return freezer;
  for (const auto& hierarchy : hierarchies_) {
    if (exists(hierarchy.get())) return hierarchy.get();
  }
  return nullptr;
}

std::vector<pid_t> CgroupFs::processes(const std::string& name) const {
  const Hierarchy* hierarchy = tracker(name);
  if (hierarchy == nullptr) return {};
  std::set<pid_t> found;
  std::string text;
  const std::string top = directory(*hierarchy, name);
  if (calls_->read(top + "/cgroup.procs", text) == 0) add_processes(text, found);
  std::error_code error;
  for (fs::recursive_directory_iterator entry(top, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_directory(gone)) continue;
    if (calls_->read(entry->path().string() + "/cgroup.procs", text) == 0) {
      add_processes(text, found);
    }
  }
  return {found.begin(), found.end()};
}

Status CgroupFs::set_frozen(const std::string& name, bool frozen) {
  const Hierarchy* hierarchy = tracker(name);
  if (hierarchy == nullptr) return failure("there is no cgroup '" + name + "'");
  const bool v2 = hierarchy->version == CgroupVersion::v2;
  const std::string top = directory(*hierarchy, name);
  const std::string switch_file = top + (v2 ? "/cgroup.freeze" : "/freezer.state");
  const std::string state_file = top + (v2 ? "/cgroup.events" : "/freezer.state");
  const std::string_view value = v2 ? (frozen ? "1" : "0") : (frozen ? "FROZEN" : "THAWED");
  const std::string_view sign = v2 ? (frozen ? "frozen 1" : "frozen 0") : value;
  const auto deadline = std::chrono::steady_clock::now() + freeze_patience;
  while (true) {
    if (const int error = calls_->write(switch_file, value); error != 0) {
      return system_failure("cannot write '" + std::string(value) + "' to '" + switch_file + "'",
                            error);
    }
    std::string state;
    if (const int error = calls_->read(state_file, state); error != 0) {
      return system_failure("cannot read '" + state_file + "'", error);
    }
    if (state.find(sign) != state.npos) return {};
    if (std::chrono::steady_clock::now() > deadline) {
      return failure("the processes of '" + top + "' cannot be " + (frozen ? "frozen" : "thawed") +
                     " in time: a system call holds them up");
    }
    std::this_thread::sleep_for(freeze_pause);
  }
}

Status CgroupFs::freeze(const std::string& name) {
  return set_frozen(name, true);
}

Status CgroupFs::thaw(const std::string& name) {
  return set_frozen(name, false);
}

Status CgroupFs::kill(const std::string& name) {
  const Hierarchy* hierarchy = tracker(name);
  if (hierarchy == nullptr) return {};
  const std::string top = directory(*hierarchy, name);
  if (hierarchy->version == CgroupVersion::v2) {
    const int error = calls_->write(top + "/cgroup.kill", "1");
    // Killed is not thawed: whatever joined a group that is frozen would hang.
    if (error == 0) return calls_->write(top + "/cgroup.freeze", "0"), Status();
    if (error != ENOENT) return system_failure("cannot kill the cgroup '" + top + "'", error);
  }
  return signal_all(name);
}

// Before Linux 5.14, and on v1. Nothing that is frozen forks; what cannot be frozen in time is
// outrun. SIGKILL takes effect when a v1 group is thawed.
Status CgroupFs::signal_all(const std::string& name) {
  const bool frozen = find("freezer") != nullptr && freeze(name).has_value();
  std::set<pid_t> killed;
  for (int round = 0; round < kill_rounds_max; ++round) {
    bool news = false;
    for (const pid_t process : processes(name)) {
      news |= killed.insert(process).second;
      ::kill(process, SIGKILL);
    }
    if (!news) break;
  }
  return frozen ? thaw(name) : Status();
}

}  // namespace mesolite

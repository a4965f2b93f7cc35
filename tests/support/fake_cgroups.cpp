#include "tests/support/fake_cgroups.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace mesolite::harness {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

// What a new group has, by controller.
const std::map<std::string, Files>& v1_files() {
  static const std::map<std::string, Files> files = {
      {"cpu",
       {{"cpu.shares", "1024"},
        {"cpu.cfs_quota_us", "-1"},
        {"cpu.cfs_period_us", "100000"},
        {"cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_time 0"}}},
      {"cpuacct", {{"cpuacct.usage", "0"}, {"cpuacct.stat", "user 0\nsystem 0"}}},
      {"cpuset", {{"cpuset.cpus", ""}, {"cpuset.mems", ""}}},
      {"memory",
       {{"memory.limit_in_bytes", "9223372036854771712"},
        {"memory.soft_limit_in_bytes", "9223372036854771712"},
        {"memory.memsw.limit_in_bytes", "9223372036854771712"},
        {"memory.usage_in_bytes", "0"},
        {"memory.max_usage_in_bytes", "0"},
        {"memory.failcnt", "0"},
        {"memory.stat", "cache 0\nrss 0"},
        {"memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0"},
        {"cgroup.event_control", ""}}},
      {"pids", {{"pids.max", "max"}, {"pids.current", "0"}, {"pids.events", "max 0"}}},
      {"freezer", {{"freezer.state", "THAWED"}}},
      {"devices", {{"devices.allow", ""}, {"devices.deny", ""}, {"devices.list", "a *:* rwm"}}},
      {"blkio",
       {{"blkio.throttle.read_bps_device", ""},
        {"blkio.throttle.write_bps_device", ""},
        {"blkio.throttle.read_iops_device", ""},
        {"blkio.throttle.write_iops_device", ""},
        {"blkio.throttle.io_service_bytes", "Total 0"},
        {"blkio.throttle.io_serviced", "Total 0"}}}};
  return files;
}

const std::map<std::string, Files>& v2_files() {
  static const std::map<std::string, Files> files = {
      {"cpu", {{"cpu.weight", "100"}, {"cpu.max", "max 100000"}}},
      {"cpuset", {{"cpuset.cpus", ""}, {"cpuset.mems", ""}, {"cpuset.cpus.effective", "0-3"}}},
      {"memory",
       {{"memory.low", "0"},
        {"memory.max", "max"},
        {"memory.swap.max", "max"},
        {"memory.oom.group", "0"},
        {"memory.current", "0"},
        {"memory.peak", "0"},
        {"memory.stat", "anon 0\nfile 0"},
        {"memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0"}}},
      {"pids", {{"pids.max", "max"}, {"pids.current", "0"}, {"pids.events", "max 0"}}},
      {"io", {{"io.max", ""}, {"io.stat", ""}}}};
  return files;
}

const Files core_of_v2 = {{"cgroup.procs", ""},
                          {"cgroup.controllers", ""},
                          {"cgroup.subtree_control", ""},
                          {"cgroup.events", "populated 0\nfrozen 0"},
                          {"cgroup.kill", ""},
                          {"cgroup.freeze", "0"},
                          {"cpu.stat", "usage_usec 0\nuser_usec 0\nsystem_usec 0"}};

void put(const fs::path& file, const std::string& content) {
  std::ofstream(file) << content << '\n';
}

void put_all(const fs::path& folder, const Files& files) {
  for (const auto& [name, content] : files) put(folder / name, content);
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

FakeCgroups::FakeCgroups(Kind kind) : kind_(kind) {
  if (kind == Kind::v2) {
    put_all(root_.path(), core_of_v2);
    set("cgroup.controllers", "cpuset cpu io memory pids");
    return;
  }
  for (const auto& [controller, files] : v1_files()) {
    fs::create_directory(root_ / controller);
    fill(path(controller));
  }
  set("cpuset/cpuset.cpus", "0-3");
  set("cpuset/cpuset.mems", "0");
  if (kind == Kind::v1) return;
  fs::create_directory(root_ / "unified");
  fill(path("unified"));
}

bool FakeCgroups::is_v2(const std::string& path) const {
  return kind_ == Kind::v2 || path.starts_with((root_ / "unified").string());
}

void FakeCgroups::fill(const std::string& path) {
  if (is_v2(path)) {
    put_all(path, core_of_v2);
    const std::string given =
        trimmed(read_file(fs::path(path).parent_path() / "cgroup.subtree_control"));
    put(path + "/cgroup.controllers", given);
    for (const auto& [controller, files] : v2_files()) {
      if (given.find(controller) != given.npos) put_all(path, files);
    }
    return;
  }
  put(path + "/cgroup.procs", "");
  const std::string below = path.substr(root_.path().string().size() + 1);
  put_all(path, v1_files().at(below.substr(0, below.find('/'))));
}

void FakeCgroups::fail(const std::string& end_of_path, int error, int times) {
  faults_[end_of_path] = {error, times};
}

int FakeCgroups::failure_of(const std::string& path) {
  for (auto& [end, fault] : faults_) {
    if (path.ends_with(end) && fault.times > 0) return --fault.times, fault.error;
  }
  return 0;
}

std::string FakeCgroups::content(const std::string& file) const {
  return trimmed(read_file(root_ / file));
}

void FakeCgroups::set(const std::string& file, const std::string& content) {
  put(root_ / file, content);
}

int FakeCgroups::make_directory(const std::string& path) {
  if (const int error = failure_of(path); error != 0) return error;
  if (const int error = CgroupCalls::make_directory(path); error != 0) return error;
  fill(path);
  return 0;
}

int FakeCgroups::remove_directory(const std::string& path) {
  if (const int error = failure_of(path); error != 0) return error;
  std::error_code none;
  if (!fs::exists(path, none)) return ENOENT;
  if (!trimmed(read_file(path + "/cgroup.procs")).empty()) return EBUSY;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.is_directory()) return EBUSY;  // the kernel's word for groups with groups in them
  }
  fs::remove_all(path);
  return 0;
}

int FakeCgroups::read(const std::string& path, std::string& text) {
  if (const int error = failure_of(path); error != 0) return error;
  return CgroupCalls::read(path, text);
}

// "+cpu": groups that are there already get its files too.
int FakeCgroups::switch_controllers(const std::string& path, std::string_view text) {
  const fs::path folder = fs::path(path).parent_path();
  const std::string controller(text.substr(1));
  if (read_file(folder / "cgroup.controllers").find(controller) == std::string::npos) {
    return ENOENT;
  }
  const std::string before = trimmed(read_file(path));
  if (before.find(controller) == before.npos) put(path, trimmed(before + " " + controller));
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_directory()) continue;
    put_all(entry.path(), v2_files().at(controller));
    put(entry.path() / "cgroup.controllers", trimmed(read_file(path)));
  }
  return 0;
}

void FakeCgroups::kill(const std::string& path) {
  put(fs::path(path) / "cgroup.procs", "");
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_directory()) put(entry.path() / "cgroup.procs", "");
  }
}

int FakeCgroups::write(const std::string& path, std::string_view text) {
  if (const int error = failure_of(path); error != 0) return error;
  std::error_code none;
  if (!fs::exists(path, none)) return ENOENT;
  written_.push_back(path.substr(root_.path().string().size() + 1) + "=" + std::string(text));
  const fs::path folder = fs::path(path).parent_path();
  if (path.ends_with("/cgroup.subtree_control")) return switch_controllers(path, text);
  if (path.ends_with("/cgroup.kill")) return kill(folder.string()), 0;
  if (path.ends_with("/cgroup.freeze")) {
    put(folder / "cgroup.events", "populated 0\nfrozen " + std::string(text));
  }
  if (path.ends_with("/cgroup.procs")) {
    std::ofstream(path, std::ios::app) << text << '\n';
    return 0;
  }
  put(path, std::string(text));
  return 0;
}

}  // namespace mesolite::harness

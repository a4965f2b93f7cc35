// `mesolite doctor`: what an agent could use on this machine, and why not the rest.
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <map>

#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/isolation.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/daemon/table.hpp"
#include "mesolite/module/cgroups.hpp"
#include "mesolite/module/isolator.hpp"
#include "sdk/src/module/loader.hpp"

namespace mesolite::daemon {
namespace {

constexpr const char* controllers[] = {"cpu", "cpuacct", "cpuset", "devices", "freezer",
                                       "io",  "memory",  "pids",   "cgroup"};

class SilentHost final : public Host {
 public:
  void log(Severity, std::string_view) override {}
  void notify(std::string_view) override {}
};

class Doctor {
 public:
  explicit Doctor(const DoctorOptions& options)
      : paths_(installed_module_paths()),
        directory_(options.directory.empty() ? paths_.modules : options.directory),
        loader_({.program = paths_.preflight}) {
    probe_.work_dir = options.work_dir.string();
    probe_.cgroup_mount = options.cgroup_mount.string();
    // A root of its own, so that a look leaves nothing behind and disturbs no agent.
    probe_.cgroup_root = "mesolite-doctor-" + std::to_string(::getpid());
  }
  ~Doctor() {
    if (auto groups = open_groups()) (void)groups->remove("");
  }

  Status examine() {
    machine();
    cgroups();
    if (auto known = isolators(); !known) return known;
    sets();
    return {};
  }
  std::string text() const { return table_.to_text(); }

 private:
  void say(const std::string& what, const std::string& here, const std::string& more = "") {
    table_.add({what, here, more});
  }

  void machine() {
    utsname name{};
    ::uname(&name);
    say("kernel", name.release);
    const bool root = ::geteuid() == 0;
    say("user", root ? "root" : "not root",
        root ? "" : "without root: no cgroups, no namespaces, tasks run as this user");
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    say("open files", std::to_string(files.rlim_max), "the hard limit, which agents raise to");
    std::string line;
    bool overlay = false;
    for (std::ifstream types("/proc/filesystems"); std::getline(types, line);) {
      overlay = overlay || line.ends_with("\toverlay");
    }
    say("overlay", overlay ? "yes" : "no",
        overlay ? "" : "images are used without a writable layer of their own");
  }

  Result<CgroupFs> open_groups() const {
    CgroupPlace place;
    if (!probe_.cgroup_mount.empty()) place.mount = probe_.cgroup_mount;
    place.root = probe_.cgroup_root;
    return CgroupFs::open(std::move(place));
  }

  void cgroups() {
    const auto groups = open_groups();
    if (!groups) return say("cgroups", "no", groups.error().message);
    for (const std::string controller : controllers) {
      const auto version = groups->version(controller);
      const bool v2_itself = controller == "cgroup";
      const std::string what = v2_itself ? "cgroup v2 mount" : "cgroup " + controller;
      if (!version) {
        say(what, "no", v2_itself ? "containers are killed process by process" : "");
      } else {
        say(what, v2_itself ? "yes" : *version == CgroupVersion::v1 ? "v1" : "v2");
      }
    }
  }

  Status works(const std::string& file) {
    auto isolator = loader_.load<Isolator>(file, {}, host_);
    if (!isolator) return tl::unexpected(isolator.error());
    if (const auto probed = (*isolator)->probe(probe_); !probed) {
      return tl::unexpected(probed.error());
    }
    return {};
  }

  Status isolators() {
    const auto catalogue = loader_.catalogue(directory_);
    if (!catalogue) return tl::unexpected(catalogue.error());
    for (const CatalogueEntry& entry : *catalogue) {
      if (!entry.description || entry.description->kind != ModuleKind<Isolator>::name) continue;
      verdicts_[entry.description->name] = works(entry.file.string());
    }
    for (const auto& [name, verdict] : verdicts_) {
      say("isolator " + name, verdict ? "works" : "no", verdict ? "" : verdict.error().message);
    }
    return {};
  }

  void sets() {
    const auto verdict = [this](const std::string& name) -> Status {
      const auto known = verdicts_.find(name);
      return known == verdicts_.end() ? failure("it is not installed") : known->second;
    };
    for (const char* set : {"cgroups", "auto"}) {
      const auto isolation = isolation_of({set}, verdict);
      if (!isolation) {
        say(std::string("--isolation=") + set, "no", isolation.error().message);
        continue;
      }
      std::string names;
      bool all_work = true;
      for (const std::string& name : isolation->isolators) {
        names += (names.empty() ? "" : ",") + name;
        all_work = all_work && verdict(name).has_value();
      }
      say(std::string("--isolation=") + set, all_work ? "works" : "no", names);
    }
  }

  const ModulePaths paths_;
  const std::filesystem::path directory_;
  ModuleLoader loader_;
  SilentHost host_;
  IsolatorProbe probe_;
  std::map<std::string, Status> verdicts_;
  Table table_{{"WHAT", "HERE", "WHY NOT, OR WHAT IT MEANS"}};
};

}  // namespace

int doctor_command(const DoctorOptions& options) {
  Doctor doctor(options);
  const auto examined = doctor.examine();
  if (!examined) return fail("mesolite doctor", examined.error());
  std::cout << doctor.text() << std::flush;
  return 0;
}

}  // namespace mesolite::daemon

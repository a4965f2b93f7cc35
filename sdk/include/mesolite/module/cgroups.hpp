// CgroupFs: the control groups of containers, on cgroup v1 and v2 alike.
//
// Controllers are looked for one by one, since a machine may have some of them on v1 and a v2 mount
// beside (hybrid). They go by their v2 names ("io" is v1's blkio), and by those of v1 where v2 has
// only built-in files ("cpuacct", "freezer") or a program ("devices"). "cgroup" is what any v2
// mount can do, even one without controllers: to kill a group and to tell its processes without a
// race. A group named "c1" is
//
//   v1:  MOUNT/CONTROLLER/ROOT/c1        limits and processes
//   v2:  MOUNT/ROOT/c1                   limits
//        MOUNT/ROOT/c1/leaf              processes: a group with controllers below has none itself
//
// and "c1/c2" one nested in it.
//
// Owned by whoever opens it; not thread-safe. Nothing is kept of a group but on the file system, so
// a second CgroupFs (of an isolator, of the next agent) sees the same groups.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite {

enum class CgroupVersion : std::uint8_t { v1 = 1, v2 = 2 };

// What CgroupFs asks of the kernel. Each answers with 0 or an errno. Tests put a faulty one here.
class CgroupCalls {
 public:
  virtual ~CgroupCalls() = default;
  virtual int make_directory(const std::string& path);
  virtual int remove_directory(const std::string& path);
  virtual int read(const std::string& path, std::string& text);
  virtual int write(const std::string& path, std::string_view text);
};

struct CgroupPlace {
  std::string mount = "/sys/fs/cgroup";  // of v2, or the folder of the v1 mounts
  std::string root = "mesos";            // our group, above those of all containers
};

class CgroupFs {
 public:
  // Looks at what is mounted. Fails if no hierarchy is.
  static Result<CgroupFs> open(CgroupPlace place, std::shared_ptr<CgroupCalls> calls = nullptr);

  // How a controller can be used here; none: it cannot.
  std::optional<CgroupVersion> version(std::string_view controller) const;
  // Fails with a sentence if a controller cannot be used here.
  Result<CgroupVersion> require(std::string_view controller) const;
  const CgroupPlace& place() const { return place_; }

  // ---- a group's life ---------------------------------------------------------------------------

  // Makes a group, if it does not exist, in the hierarchies of `controllers`.
  Status make(const std::string& name, const std::vector<std::string>& controllers);
  // The directories of a group whose files "cgroup.procs" take processes, one for each hierarchy.
  // That of "cgroup" may be handed to clone3(2) with CLONE_INTO_CGROUP.
  std::vector<std::string> directories(const std::string& name,
                                       const std::vector<std::string>& controllers) const;
  Status enter(const std::string& name, const std::vector<std::string>& controllers, pid_t process);

  // Those of nested groups too.
  std::vector<pid_t> processes(const std::string& name) const;
  // Returns once no process of it runs any more, or fails.
  Status freeze(const std::string& name);
  Status thaw(const std::string& name);
  // Sends SIGKILL to all its processes, those of nested groups and those born meanwhile too. They
  // are gone a moment later. A group that does not exist has none.
  Status kill(const std::string& name);
  // Removes a group and those nested in it from the hierarchies of `controllers`, or from all if
  // none are named; one that does not exist is fine, and no name is our root with all below. As
  // long as the kernel has a group still in use, tries again until `patience` has passed.
  Status remove(const std::string& name, const std::vector<std::string>& controllers = {},
                Duration patience = std::chrono::seconds(1));
  // All groups directly below our root, sorted: what an earlier agent may have left behind.
  std::vector<std::string> names() const;

  // ---- its files --------------------------------------------------------------------------------

  // The path of a file of the group's; with no file, of its directory. REQUIRES:
  // version(controller).
  std::string path(std::string_view controller, const std::string& name,
                   std::string_view file = {}) const;
  bool has(std::string_view controller, const std::string& name, std::string_view file) const;
  // Without the line's end.
  Result<std::string> read(std::string_view controller, const std::string& name,
                           std::string_view file) const;
  // "max" and -1 are 2^64 - 1.
  Result<std::uint64_t> read_number(std::string_view controller, const std::string& name,
                                    std::string_view file) const;
  // Lines of "key number"; others are passed over.
  Result<std::map<std::string, std::uint64_t>> read_table(std::string_view controller,
                                                          const std::string& name,
                                                          std::string_view file) const;
  Status write(std::string_view controller, const std::string& name, std::string_view file,
               std::string_view value);

 private:
  struct Hierarchy {
    CgroupVersion version = CgroupVersion::v1;
    std::string directory;
    std::vector<std::string> controllers;  // by their own names; none: v2 with its built-in files
    std::vector<std::string> enabled;      // v2: that groups below our root have
  };

  CgroupFs(CgroupPlace place, std::shared_ptr<CgroupCalls> calls);
  void discover();
  void add_hierarchy(CgroupVersion version, const std::string& directory,
                     std::vector<std::string> controllers);

  const Hierarchy* find(std::string_view controller) const;
  std::vector<const Hierarchy*> of(const std::vector<std::string>& controllers) const;
  std::string directory(const Hierarchy& hierarchy, const std::string& name) const;
  std::string process_directory(const Hierarchy& hierarchy, const std::string& name) const;
  // Where the processes of a group can best be seen, or null if it does not exist.
  const Hierarchy* tracker(const std::string& name) const;

  Status make_in(Hierarchy& hierarchy, const std::string& name,
                 const std::vector<std::string>& controllers);
  Status made(const Hierarchy& hierarchy, const std::string& path, int error);
  Status ensure_directory(const Hierarchy& hierarchy, const std::string& path);
  Status enable(Hierarchy& hierarchy, const std::string& parent,
                const std::vector<std::string>& controllers);
  Status inherit_cpuset(const std::string& path);
  Status set_frozen(const std::string& name, bool frozen);
  Status signal_all(const std::string& name);
  Status remove_tree(const std::string& path, Duration patience);

  CgroupPlace place_;
  std::shared_ptr<CgroupCalls> calls_;
  std::vector<std::unique_ptr<Hierarchy>> hierarchies_;
  Hierarchy* v2_ = nullptr;  // one of them
};

}  // namespace mesolite

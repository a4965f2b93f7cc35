// FakeCgroups: plain folders that behave like cgroup file systems, as far as CgroupFs can tell.
//
// A group that is made has its files, as the kernel would give them; writing a file that it does
// not have fails, a group with processes or groups in it cannot be removed, and any call can be
// told to fail. What is written is remembered in order.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mesolite/module/cgroups.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::harness {

class FakeCgroups final : public CgroupCalls {
 public:
  enum class Kind { v1, v2, hybrid };  // hybrid: v1 with a v2 mount that has no controllers
  explicit FakeCgroups(Kind kind);

  CgroupPlace place() const { return {root_.path().string(), "mesos"}; }
  std::string path(const std::string& name) const { return (root_ / name).string(); }

  // The next `times` calls on paths that end so fail with `error`.
  void fail(const std::string& end_of_path, int error, int times = 1);
  // "memory/mesos/c1/memory.limit_in_bytes=67108864", paths below the mount.
  const std::vector<std::string>& written() const { return written_; }
  // Content of a file below the mount.
  std::string content(const std::string& file) const;
  void set(const std::string& file, const std::string& content);

  int make_directory(const std::string& path) override;
  int remove_directory(const std::string& path) override;
  int read(const std::string& path, std::string& text) override;
  int write(const std::string& path, std::string_view text) override;

 private:
  int failure_of(const std::string& path);
  void fill(const std::string& path);
  bool is_v2(const std::string& path) const;
  int switch_controllers(const std::string& path, std::string_view text);
  void kill(const std::string& path);

  Scratch root_;
  Kind kind_;
  struct Fault {
    int error = 0;
    int times = 0;
  };
  std::map<std::string, Fault> faults_;
  std::vector<std::string> written_;
};

}  // namespace mesolite::harness

#include "kernel/container/launcher/file_system.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "kernel/container/descriptor.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::container {
namespace {

constexpr mode_t directory_mode = 0755;
constexpr mode_t file_mode = 0644;
constexpr unsigned move_flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

std::string quoted(const std::string& path) {
  return "'" + path + "'";
}

Descriptor open_path(const std::string& path) {
  return Descriptor(::open(path.c_str(), O_PATH | O_CLOEXEC));
}

// Below `root`, as a process whose root it is would find it.
Descriptor open_within(int root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return Descriptor(static_cast<int>(
      ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how)));
}

bool is_directory(int descriptor) {
  struct stat facts {};
  return ::fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode);
}

// "/a/b/" -> "/a", "b".
std::pair<std::string, std::string> split_last(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

enum class Kind : std::uint8_t { directory, file };

// Makes what is missing on the way; not open, with errno set, if that fails.
Descriptor ensure_within(int root, const std::string& path, Kind kind) {
  Descriptor found = open_within(root, path);
  if (found || errno != ENOENT) return found;
  const auto [parent_path, name] = split_last(path);
  if (name.empty()) return found;
  const Descriptor parent = ensure_within(root, parent_path, Kind::directory);
  if (!parent) return Descriptor();
  if (kind == Kind::directory) {
    if (::mkdirat(parent.get(), name.c_str(), directory_mode) != 0) return Descriptor();
  } else {
    const Descriptor made(::openat(parent.get(), name.c_str(),
                                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                   file_mode));
    if (!made) return Descriptor();
  }
  return open_within(root, path);
}

std::uint64_t attributes_of(std::uint64_t flags) {
  std::uint64_t attributes = 0;
  if ((flags & MS_RDONLY) != 0) attributes |= MOUNT_ATTR_RDONLY;
  if ((flags & MS_NOSUID) != 0) attributes |= MOUNT_ATTR_NOSUID;
  if ((flags & MS_NODEV) != 0) attributes |= MOUNT_ATTR_NODEV;
  if ((flags & MS_NOEXEC) != 0) attributes |= MOUNT_ATTR_NOEXEC;
  if ((flags & MS_NOATIME) != 0) attributes |= MOUNT_ATTR_NOATIME;
  return attributes;
}

int set_attributes(int tree, std::uint64_t flags) {
  mount_attr attributes{};
  attributes.attr_set = attributes_of(flags);
  if (attributes.attr_set == 0) return 0;
  return ::mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes);
}

// A copy of what is mounted at a path, with all below it, to be mounted elsewhere.
Descriptor copy_tree(int directory, const std::string& path) {
  const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH;
  return Descriptor(::open_tree(directory, path.c_str(), flags));
}

Descriptor bind_source(const MountSpec& mount) {
  Descriptor tree = copy_tree(AT_FDCWD, mount.source);
  if (tree && set_attributes(tree.get(), mount.flags) != 0) return Descriptor();
  return tree;
}

// A file system of its own: "mode=755,size=64m" are its options.
Descriptor make_mount(const MountSpec& mount) {
  const Descriptor context(::fsopen(mount.type.c_str(), FSOPEN_CLOEXEC));
  if (!context) return Descriptor();
  const auto configure = [&](unsigned command, const char* key, const char* value) {
    return ::fsconfig(context.get(), command, key, value, 0) == 0;
  };
  if (!mount.source.empty() && !configure(FSCONFIG_SET_STRING, "source", mount.source.c_str())) {
    return Descriptor();
  }
  for (const auto option : split(mount.options, ',')) {
    if (option.empty()) continue;
    const auto equals = option.find('=');
    const std::string key(option.substr(0, equals));
    const bool taken = equals == option.npos
                           ? configure(FSCONFIG_SET_FLAG, key.c_str(), nullptr)
                           : configure(FSCONFIG_SET_STRING, key.c_str(),
                                       std::string(option.substr(equals + 1)).c_str());
    if (!taken) return Descriptor();
  }
  if (!configure(FSCONFIG_CMD_CREATE, nullptr, nullptr)) return Descriptor();
  return Descriptor(
      ::fsmount(context.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes_of(mount.flags))));
}

bool is_root_mount(const MountSpec& mount) {
  return mount.target == "/";
}

class FileSystem {
 public:
  explicit FileSystem(const LaunchSpec& spec) : spec_(spec) {}

  StepResult take_sources();
  StepResult open_root();
  StepResult attach_all();
  StepResult hide_paths();
  StepResult go_there();

 private:
  StepResult attach(const MountSpec& mount, const Descriptor& source);
  StepResult mask(const std::string& path);
  StepResult make_read_only(const std::string& path);
  bool may_make(const std::string& target) const;

  const LaunchSpec& spec_;
  std::vector<Descriptor> sources_;  // of spec_.mounts; not open: made when its turn comes
  Descriptor null_;                  // a copy of /dev/null
  Descriptor root_;
};

StepResult FileSystem::take_sources() {
  if (::mount("", "/", nullptr, MS_SLAVE | MS_REC, nullptr) != 0) {
    return step_failure("cannot keep mounts to the container", errno);
  }
  for (const MountSpec& mount : spec_.mounts) {
    sources_.push_back(mount.type.empty() ? bind_source(mount) : Descriptor());
    if (!mount.type.empty() || sources_.back()) continue;
    return step_failure("cannot take hold of " + quoted(mount.source), errno);
  }
  if (spec_.masked_paths.empty()) return {};
  null_ = copy_tree(AT_FDCWD, "/dev/null");
  struct stat facts {};
  // What lies there may have been exchanged for something that must not be shared.
  if (!null_ || ::fstat(null_.get(), &facts) != 0 || !S_ISCHR(facts.st_mode) ||
      facts.st_rdev != makedev(1, 3)) {
    return step_failure("cannot take hold of '/dev/null'", errno);
  }
  return {};
}

StepResult FileSystem::open_root() {
  if (spec_.rootfs.empty()) {
    root_ = open_path("/");
    return {};
  }
  Descriptor tree;
  for (std::size_t i = 0; i < spec_.mounts.size(); ++i) {
    const MountSpec& mount = spec_.mounts[i];
    if (!is_root_mount(mount)) continue;
    tree = mount.type.empty() ? std::move(sources_[i]) : make_mount(mount);
    if (!tree) return step_failure("cannot make the root file system", errno);
  }
  // pivot_root(2) wants a mount, and a directory is none by itself.
  if (!tree) tree = copy_tree(AT_FDCWD, spec_.rootfs);
  const Descriptor place = open_path(spec_.rootfs);
  if (!tree || !place || ::move_mount(tree.get(), "", place.get(), "", move_flags) != 0) {
    return step_failure("cannot mount the root file system " + quoted(spec_.rootfs), errno);
  }
  root_ = open_path(spec_.rootfs);
  if (!root_) return step_failure("cannot open the root file system", errno);
  return {};
}

// On the host's file system nothing is made but in the sandbox.
bool FileSystem::may_make(const std::string& target) const {
  const auto below = [&](const std::string& path) { return target.starts_with(path + "/"); };
  if (!spec_.rootfs.empty() || below(spec_.sandbox)) return true;
  return std::ranges::any_of(spec_.mounts, [&](const MountSpec& mount) {
    return mount.type == "tmpfs" && below(mount.target);
  });
}

StepResult FileSystem::attach(const MountSpec& mount, const Descriptor& source) {
  const std::string what = "cannot mount " +
                           quoted(mount.type.empty() ? mount.source : mount.type) + " at " +
                           quoted(mount.target);
  Descriptor made;
  if (!source) made = make_mount(mount);
  const int tree = source ? source.get() : made.get();
  if (tree < 0) return step_failure(what, errno);
  const Kind kind = is_directory(tree) ? Kind::directory : Kind::file;
  const Descriptor target = may_make(mount.target) ? ensure_within(root_.get(), mount.target, kind)
                                                   : open_within(root_.get(), mount.target);
  if (!target || ::move_mount(tree, "", target.get(), "", move_flags) != 0) {
    return step_failure(what, errno);
  }
  return {};
}

StepResult FileSystem::attach_all() {
  for (std::size_t i = 0; i < spec_.mounts.size(); ++i) {
    if (is_root_mount(spec_.mounts[i])) continue;
    if (auto attached = attach(spec_.mounts[i], sources_[i]); !attached) return attached;
  }
  return {};
}

// What is not there needs no mask.
StepResult FileSystem::mask(const std::string& path) {
  const Descriptor target = open_within(root_.get(), path);
  if (!target) return {};
  const bool directory = is_directory(target.get());
  const Descriptor cover =
      directory ? make_mount({"tmpfs", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, ""})
                : copy_tree(null_.get(), "");
  if (!cover || ::move_mount(cover.get(), "", target.get(), "", move_flags) != 0) {
    return step_failure("cannot mask " + quoted(path), errno);
  }
  return {};
}

StepResult FileSystem::make_read_only(const std::string& path) {
  const Descriptor target = open_within(root_.get(), path);
  if (!target) return {};
  const Descriptor tree = copy_tree(target.get(), "");
  if (!tree || set_attributes(tree.get(), MS_RDONLY) != 0 ||
      ::move_mount(tree.get(), "", target.get(), "", move_flags) != 0) {
    return step_failure("cannot make " + quoted(path) + " read-only", errno);
  }
  return {};
}

StepResult FileSystem::hide_paths() {
  for (const std::string& path : spec_.read_only_paths) {
    if (auto done = make_read_only(path); !done) return done;
  }
  for (const std::string& path : spec_.masked_paths) {
    if (auto done = mask(path); !done) return done;
  }
  return {};
}

// The old root is put where the new one lies and taken away from there: no directory is needed.
StepResult FileSystem::go_there() {
  if (spec_.rootfs.empty()) return {};
  if (::fchdir(root_.get()) != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0 ||
      ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) {
    return step_failure("cannot make " + quoted(spec_.rootfs) + " the root", errno);
  }
  return {};
}

}  // namespace

StepResult enter_file_system(const LaunchSpec& spec) {
  FileSystem files(spec);
  StepResult done = files.take_sources();
  if (done) done = files.open_root();
  if (done) done = files.attach_all();
  if (done) done = files.hide_paths();
  if (done) done = files.go_there();
  return done;
}

}  // namespace mesolite::container

#include "filesystem_rootfs.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include "unpack.hpp"

namespace mesolite::filesystem_rootfs {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t harmless = MS_NOSUID | MS_NODEV | MS_NOEXEC;
// What programs take for granted; see the OCI runtime specification, "Default Devices".
constexpr const char* devices[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                   "/dev/random", "/dev/urandom", "/dev/tty"};
constexpr std::pair<const char*, const char*> device_links[] = {{"fd", "/proc/self/fd"},
                                                                {"stdin", "/proc/self/fd/0"},
                                                                {"stdout", "/proc/self/fd/1"},
                                                                {"stderr", "/proc/self/fd/2"},
                                                                {"ptmx", "pts/ptmx"}};
// How names are found belongs to the machine, not to the image.
constexpr const char* machine_files[] = {"/etc/resolv.conf", "/etc/hosts"};

bool has_overlay() {
  std::ifstream known("/proc/filesystems");
  for (std::string line; std::getline(known, line);) {
    if (line.ends_with("\toverlay")) return true;
  }
  return false;
}

// The options of an overlay are one text in which these mean something.
bool fits_options(const fs::path& path) {
  return path.string().find_first_of(",:\\") == std::string::npos;
}

// A name by which an archive's files are found again, and those of another never are.
Result<std::string> key_of(const fs::path& archive) {
  struct stat facts {};
  if (::stat(archive.c_str(), &facts) != 0) {
    return system_failure("cannot look at the image '" + archive.string() + "'", errno);
  }
  return std::to_string(facts.st_dev) + "-" + std::to_string(facts.st_ino) + "-" +
         std::to_string(facts.st_size) + "-" + std::to_string(facts.st_mtim.tv_sec) + "-" +
         std::to_string(facts.st_mtim.tv_nsec);
}

void add_mounts(const fs::path& image, const fs::path& layers, Contribution& contribution) {
  contribution.mounts = {
      {"overlay", "/", "overlay", 0,
       "lowerdir=" + image.string() + ",upperdir=" + (layers / "upper").string() +
           ",workdir=" + (layers / "work").string()},
      {"proc", "/proc", "proc", harmless, ""},
      {"sysfs", "/sys", "sysfs", harmless | MS_RDONLY, ""},
      {"devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620"},
      {"shm", "/dev/shm", "tmpfs", harmless, "mode=1777,size=64m"},
  };
  for (const char* file : machine_files) {
    if (fs::exists(file)) {
      contribution.mounts.push_back({file, file, "", harmless | MS_RDONLY, ""});
    }
  }
  for (const char* device : devices) contribution.devices.push_back({device, "rwm"});
  contribution.masked_paths = {"/proc/kcore",       "/proc/keys", "/proc/timer_list",
                               "/proc/sched_debug", "/proc/scsi", "/sys/firmware"};
  contribution.read_only_paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                  "/proc/sysrq-trigger"};
}

// The container's own layer begins with the links that programs expect among the devices.
std::error_code make_layers(const fs::path& layers) {
  std::error_code error;
  fs::create_directories(layers / "upper" / "dev", error);
  for (const auto& [name, target] : device_links) {
    if (!error) fs::create_symlink(target, layers / "upper" / "dev" / name, error);
  }
  for (const char* folder : {"work", "root"}) {
    if (!error) fs::create_directory(layers / folder, error);
  }
  return error;
}

}  // namespace

Result<Nothing> RootfsIsolator::probe(const IsolatorProbe& probe) {
  if (::geteuid() != 0) return failure("only root changes the root file system");
  if (!has_overlay()) return failure("this kernel has no overlay file system");
  unpacked_ = fs::path(probe.work_dir) / "images";
  layers_ = fs::path(probe.work_dir) / "layers";
  return Nothing{};
}

Result<fs::path> RootfsIsolator::find_image(const std::string& name) const {
  std::error_code error;
  const fs::path directory = fs::canonical(parameters_.images_dir, error);
  if (error) return failure("images_dir '" + parameters_.images_dir + "': " + error.message());
  // An absolute name stands for itself.
  const fs::path image = fs::canonical(directory / name, error);
  if (error) return failure("the image '" + name + "': " + error.message());
  const auto [end, rest] =
      std::mismatch(directory.begin(), directory.end(), image.begin(), image.end());
  if (end != directory.end()) {
    return failure("the image '" + name + "' does not lie in " + directory.string() +
                   " (images_dir)");
  }
  return image;
}

Result<fs::path> RootfsIsolator::provide(const fs::path& image) {
  if (fs::is_directory(image)) return image;
  const auto key = key_of(image);
  if (!key) return tl::unexpected(key.error());
  std::error_code error;
  const fs::path place = unpacked_ / *key;
  if (fs::exists(place, error)) return place;
  const fs::path fresh = place.string() + ".new";  // of an agent that was killed: half of it
  fs::remove_all(fresh, error);
  fs::create_directories(fresh, error);
  if (error) return failure("cannot make '" + fresh.string() + "': " + error.message());
  host_.log(Severity::info, "unpacking " + image.string());
  auto unpacked = unpack(image, fs::canonical(fresh),
                         {parameters_.image_bytes_max, parameters_.image_files_max});
  if (unpacked) fs::rename(fresh, place, error);
  if (unpacked && !error) return place;
  std::error_code ignored;
  fs::remove_all(fresh, ignored);
  if (!unpacked) return tl::unexpected(unpacked.error());
  return failure("cannot make '" + place.string() + "': " + error.message());
}

fs::path RootfsIsolator::layers_of(const ContainerId& container) const {
  return layers_ / container.value;
}

Result<Contribution> RootfsIsolator::prepare(const ContainerContext& container) {
  Contribution contribution = unattended();
  if (container.spec.image.empty()) return contribution;
  const auto image = find_image(container.spec.image);
  if (!image) return tl::unexpected(image.error());
  const auto files = provide(*image);
  if (!files) return tl::unexpected(files.error());
  const fs::path layers = layers_of(container.id);
  for (const fs::path& path : {*files, layers}) {
    if (!fits_options(path)) {
      return failure("the path '" + path.string() + "' holds ',', ':' or '\\'");
    }
  }
  if (const auto error = make_layers(layers)) {
    return failure("cannot make '" + layers.string() + "': " + error.message());
  }
  contribution.clone_flags = CLONE_NEWNS;
  contribution.rootfs = layers / "root";
  add_mounts(*files, layers, contribution);
  return contribution;
}

Result<Nothing> RootfsIsolator::cleanup(const ContainerContext& container) {
  std::error_code error;
  fs::remove_all(layers_of(container.id), error);
  if (error) return failure("cannot remove what it wrote: " + error.message());
  return Nothing{};
}

// Of what nobody knows any more nothing shall stay.
Result<Nothing> RootfsIsolator::recover(const RecoverRequest& request) {
  std::error_code error;
  for (const ContainerId& orphan : request.orphans) fs::remove_all(layers_of(orphan), error);
  return Nothing{};
}

}  // namespace mesolite::filesystem_rootfs

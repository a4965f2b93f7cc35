#include "filesystem_volumes.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "mesolite/base/text.hpp"

namespace mesolite::filesystem_volumes {
namespace {

namespace fs = std::filesystem;

bool lies_below(const fs::path& path, const fs::path& directory) {
  const auto [end, rest] =
      std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  // A directory that is written with a slash at its end has an empty last part.
  return end == directory.end() || end->empty();
}

// Where a volume is mounted: absolute, or in the sandbox; never out of it.
Status check_container_path(const std::string& path) {
  if (path.empty()) return failure("a volume has no container path");
  const auto names = split(path, '/');
  if (std::ranges::count(names, "..") == 0) return {};
  return failure("the container path '" + path + "' of a volume holds '..'");
}

MountSpec bind(const std::string& source, const VolumeMount& volume) {
  MountSpec mount;
  mount.source = source;
  mount.target = volume.container_path;
  mount.flags = MS_NOSUID | MS_NODEV;
  if (volume.mode == VolumeMode::read_only) mount.flags |= MS_RDONLY;
  return mount;
}

}  // namespace

Result<Nothing> VolumesIsolator::probe(const IsolatorProbe& probe) {
  if (::geteuid() != 0) return failure("only root mounts volumes");
  work_dir_ = probe.work_dir;
  return Nothing{};
}

Result<MountSpec> VolumesIsolator::host_volume(const VolumeMount& volume) const {
  std::error_code error;
  const fs::path source = fs::canonical(volume.host_path, error);
  if (error) return failure("the volume's path '" + volume.host_path + "': " + error.message());
  const bool allowed = std::ranges::any_of(
      parameters_.host_paths, [&](const std::string& path) { return lies_below(source, path); });
  if (!allowed) {
    return failure("the volume's path '" + volume.host_path +
                   "' does not lie below one that this agent allows (host_paths)");
  }
  return bind(source, volume);
}

// Laid out as by Mesos, so that data survives the change. A fresh one belongs to nobody yet.
Result<std::string> VolumesIsolator::ensure_volume(const ResourceKey& key) const {
  const fs::path path =
      fs::path(work_dir_) / "volumes" / "roles" / std::string(key.role()) / key.volume->id;
  std::error_code error;
  const bool fresh = fs::create_directories(path, error);
  if (!error && fresh) fs::permissions(path, fs::perms::all, error);
  if (error) return failure("cannot make the volume '" + path.string() + "': " + error.message());
  return path.string();
}

Result<MountSpec> VolumesIsolator::persistent_volume(const ContainerContext& container,
                                                     const VolumeMount& volume) const {
  for (const Resource& resource : container.requests.others()) {
    if (!resource.key.volume || resource.key.volume->id != volume.persistence_id) continue;
    const auto path = ensure_volume(resource.key);
    if (!path) return tl::unexpected(path.error());
    return bind(*path, volume);
  }
  return failure("the persistent volume '" + volume.persistence_id +
                 "' is not among the resources of the task");
}

Result<Contribution> VolumesIsolator::prepare(const ContainerContext& container) {
  std::vector<VolumeMount> volumes = container.spec.volumes;
  for (const Resource& resource : container.requests.others()) {
    if (!resource.key.volume) continue;
    const Volume& volume = *resource.key.volume;
    const bool placed = std::ranges::any_of(
        volumes, [&](const VolumeMount& other) { return other.persistence_id == volume.id; });
    if (!placed) volumes.push_back({volume.container_path, "", volume.id, VolumeMode::read_write});
  }
  Contribution contribution = unattended();
  for (const VolumeMount& volume : volumes) {
    if (auto status = check_container_path(volume.container_path); !status) {
      return tl::unexpected(status.error());
    }
    auto mount =
        volume.host_path.empty() ? persistent_volume(container, volume) : host_volume(volume);
    if (!mount) return tl::unexpected(mount.error());
    contribution.mounts.push_back(std::move(*mount));
  }
  return contribution;
}

}  // namespace mesolite::filesystem_volumes

// VolumesIsolator: persistent volumes and paths of the host in containers. See the README.
#pragma once

#include <string>
#include <vector>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::filesystem_volumes {

struct Parameters {
  std::vector<std::string> host_paths = {"/"};  // below which paths of the host may be asked for
  MESOLITE_FIELDS(host_paths);
};

class VolumesIsolator final : public Isolator {
 public:
  VolumesIsolator(const Parameters& parameters, Host&) : parameters_(parameters) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;

 private:
  Result<MountSpec> host_volume(const VolumeMount& volume) const;
  Result<MountSpec> persistent_volume(const ContainerContext& container,
                                      const VolumeMount& volume) const;
  Result<std::string> ensure_volume(const ResourceKey& key) const;

  Parameters parameters_;
  std::string work_dir_;
};

}  // namespace mesolite::filesystem_volumes

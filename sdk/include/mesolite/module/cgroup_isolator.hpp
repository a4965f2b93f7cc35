// CgroupIsolator: what the isolators that work through cgroups have in common. The group of a
// container is named after its id; each isolator makes and removes it in the hierarchies of its own
// controllers (on v2 they share one), and writes its own files.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mesolite/module/cgroups.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite {

class CgroupIsolator : public Isolator {
 public:
  // Fails if a controller is not there, or if no group can be made.
  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Nothing> cleanup(const ContainerContext& container) override;
  Result<Nothing> recover(const RecoverRequest& request) override;

  // Works there from now on. Without this and without a probe: in the standard place.
  void use(CgroupFs groups) { groups_.emplace(std::move(groups)); }

 protected:
  explicit CgroupIsolator(std::vector<std::string> controllers)
      : controllers_(std::move(controllers)) {}

  struct Setting {
    std::string file;
    std::string value;
  };

  Result<CgroupFs*> groups();
  // Of the first controller.
  const std::string& controller() const { return controllers_.front(); }
  Result<CgroupVersion> version();
  static const std::string& name_of(const ContainerContext& container) {
    return container.id.value;
  }

  // Makes the container's group with these settings; its processes shall enter it. What a new group
  // has anyway need not be set: each file that is touched costs more than the write. The answer is
  // unattended: an isolator that overrides isolate() takes that back.
  Result<Contribution> place(const ContainerContext& container,
                             const std::vector<Setting>& settings);
  // Writes files of the first controller of a new group.
  Status set(const ContainerContext& container, const std::vector<Setting>& settings);
  // Writes files of the first controller in this order, or puts back what was there.
  Status apply(const ContainerContext& container, const std::vector<Setting>& settings);

  // Adds "<prefix>_pressure_some_avg10" and its like (psi, in percent and seconds), if the kernel
  // tells them of this group.
  void add_pressure(const ContainerContext& container, const std::string& resource,
                    UsageAnswer& answer);

 private:
  std::vector<std::string> controllers_;
  std::optional<CgroupFs> groups_;
};

// The first setting of a container's own under `key`, or nothing.
inline std::optional<std::string> parameter_of(const ContainerContext& container,
                                               const std::string& key) {
  const auto found = container.spec.parameters.find(key);
  if (found == container.spec.parameters.end()) return std::nullopt;
  return found->second;
}

// Resources count memory and disk in thousandths of a megabyte of 2^20 bytes.
constexpr double bytes_of_megabytes(double megabytes) {
  return megabytes * 1024 * 1024;
}

}  // namespace mesolite

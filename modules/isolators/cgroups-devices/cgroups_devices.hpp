// CgroupsDevicesIsolator: which devices a container may use. See the README.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "device_rules.hpp"
#include "mesolite/module/cgroup_isolator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::cgroups_devices {

struct Parameters {
  std::vector<std::string> allowed;  // besides the usual: "/dev/fuse rw", "c 10:229 rwm"
  MESOLITE_FIELDS(allowed);
};

class CgroupsDevicesIsolator final : public CgroupIsolator {
 public:
  // Fails on a device that is none.
  static Result<std::unique_ptr<CgroupsDevicesIsolator>> create(const Parameters& parameters,
                                                                Host&);

  Result<Contribution> prepare(const ContainerContext& container) override;
  // By then all isolators have said which devices they hand to the container.
  Result<Nothing> isolate(const ContainerContext& container) override;

 private:
  explicit CgroupsDevicesIsolator(std::vector<DeviceRule> rules)
      : CgroupIsolator({"devices"}), rules_(std::move(rules)) {}
  Status attach(const ContainerContext& container, const std::vector<DeviceRule>& rules);

  std::vector<DeviceRule> rules_;
};

}  // namespace mesolite::cgroups_devices

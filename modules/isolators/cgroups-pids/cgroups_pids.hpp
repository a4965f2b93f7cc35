// CgroupsPidsIsolator: a limit on the number of processes and threads. See the README.
#pragma once

#include <cstdint>
#include <vector>

#include "mesolite/module/cgroup_isolator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::cgroups_pids {

struct Parameters {
  std::int64_t pids_max = 1024;  // of a container that names no limit of its own; 0: none
  MESOLITE_FIELDS(pids_max);
};

class CgroupsPidsIsolator final : public CgroupIsolator {
 public:
  CgroupsPidsIsolator(const Parameters& parameters, Host&)
      : CgroupIsolator({"pids"}), parameters_(parameters) {}

  Result<Contribution> prepare(const ContainerContext& container) override;
  Result<Nothing> update(const ContainerContext& container) override;
  Result<UsageAnswer> usage(const ContainerContext& container) override;

 private:
  std::vector<Setting> settings(const ContainerContext& container) const;

  Parameters parameters_;
};

}  // namespace mesolite::cgroups_pids

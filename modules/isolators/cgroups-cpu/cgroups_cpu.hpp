// CgroupsCpuIsolator: shares of CPU time, and a hard cap. See the README.
#pragma once

#include <cstdint>
#include <vector>

#include "mesolite/module/cgroup_isolator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::cgroups_cpu {

struct Parameters {
  bool enable_cfs = false;  // cap every container at its cpus, not only those that have a limit
  std::int64_t cfs_period_us = 100'000;
  MESOLITE_FIELDS(enable_cfs, cfs_period_us);
};

class CgroupsCpuIsolator final : public CgroupIsolator {
 public:
  CgroupsCpuIsolator(const Parameters& parameters, Host&)
      : CgroupIsolator({"cpu", "cpuacct"}), parameters_(parameters) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;
  Result<Nothing> update(const ContainerContext& container) override;
  Result<UsageAnswer> usage(const ContainerContext& container) override;

 private:
  Result<std::vector<Setting>> settings(const ContainerContext& container);
  void weigh_all();
  std::optional<double> cap(const ContainerContext& container) const;
  void add_times(const ContainerContext& container, UsageAnswer& answer);

  Parameters parameters_;
};

}  // namespace mesolite::cgroups_cpu

// CgroupsCpusetIsolator: pins containers to CPUs. See the README.
#pragma once

#include <map>
#include <vector>

#include "cpu_list.hpp"
#include "mesolite/module/cgroup_isolator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::cgroups_cpuset {

struct Parameters {
  std::string cpus;  // that containers may be pinned to: "2-7"; empty: all of the machine's
  MESOLITE_FIELDS(cpus);
};

class CgroupsCpusetIsolator final : public CgroupIsolator {
 public:
  // Fails on a list of CPUs that is none.
  static Result<std::unique_ptr<CgroupsCpusetIsolator>> create(const Parameters& parameters, Host&);

  Result<Contribution> prepare(const ContainerContext& container) override;
  Result<Nothing> update(const ContainerContext& container) override;
  Result<UsageAnswer> usage(const ContainerContext& container) override;
  Result<Nothing> cleanup(const ContainerContext& container) override;
  Result<Nothing> recover(const RecoverRequest& request) override;

 private:
  explicit CgroupsCpusetIsolator(CpuList allowed)
      : CgroupIsolator({"cpuset"}), allowed_(std::move(allowed)) {}
  struct Pinned {
    CpuList cpus;
    double load_per_cpu = 0;
  };
  Result<CpuList> available();
  // Those that the container asks for, else as many as it needs of the least loaded.
  Result<CpuList> choose(const ContainerContext& container);
  void remember(const ContainerContext& container, CpuList cpus);

  CpuList allowed_;  // empty: all
  std::map<ContainerId, Pinned> pinned_;
};

}  // namespace mesolite::cgroups_cpuset

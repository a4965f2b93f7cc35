// GpuNvidiaIsolator: whole GPUs, each to one container at a time. See the README.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::gpu_nvidia {

struct Parameters {
  std::string device_folder = "/dev";
  std::vector<std::int64_t> gpus;  // to hand out, by number; empty: all that there are
  MESOLITE_FIELDS(device_folder, gpus);
};

class GpuNvidiaIsolator final : public Isolator {
 public:
  GpuNvidiaIsolator(const Parameters& parameters, Host&) : parameters_(parameters) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;
  Result<UsageAnswer> usage(const ContainerContext& container) override;
  Result<Nothing> cleanup(const ContainerContext& container) override;
  Result<Nothing> recover(const RecoverRequest& request) override;

 private:
  using Gpus = std::set<std::int64_t>;
  Result<Gpus> found() const;
  Result<Gpus> allot(const ContainerContext& container);
  Contribution contribution_of(const Gpus& gpus) const;

  Parameters parameters_;
  std::map<ContainerId, Gpus> allotted_;  // disjoint
};

}  // namespace mesolite::gpu_nvidia

// CgroupsIoIsolator: throttles and accounts for what a container reads and writes. See the README.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mesolite/module/cgroup_isolator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::cgroups_io {

struct Parameters {
  // For every container that names none of its own; 0: no limit.
  std::int64_t read_bytes_per_s = 0;
  std::int64_t write_bytes_per_s = 0;
  std::int64_t reads_per_s = 0;
  std::int64_t writes_per_s = 0;
  std::string device;  // block device, "/dev/sda"; empty: the one that holds the sandboxes
  MESOLITE_FIELDS(read_bytes_per_s, write_bytes_per_s, reads_per_s, writes_per_s, device);
};

class CgroupsIoIsolator final : public CgroupIsolator {
 public:
  CgroupsIoIsolator(const Parameters& parameters, Host&)
      : CgroupIsolator({"io"}), parameters_(parameters) {}

  Result<Contribution> prepare(const ContainerContext& container) override;
  Result<UsageAnswer> usage(const ContainerContext& container) override;

 private:
  Result<std::vector<Setting>> settings(const ContainerContext& container);
  void add_v1_counts(const ContainerContext& container, UsageAnswer& answer);
  void add_v2_counts(const ContainerContext& container, UsageAnswer& answer);

  Parameters parameters_;
};

}  // namespace mesolite::cgroups_io

// CgroupsMemIsolator: a limit on memory, and what becomes of a container that runs into it. See the
// README.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "mesolite/module/cgroup_isolator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::cgroups_mem {

struct Parameters {
  std::int64_t mem_min_mb = 32;  // no container has less
  bool limit_swap = true;        // none may be swapped out past the limit
  MESOLITE_FIELDS(mem_min_mb, limit_swap);
};

class CgroupsMemIsolator final : public CgroupIsolator {
 public:
  CgroupsMemIsolator(const Parameters& parameters, Host&)
      : CgroupIsolator({"memory"}), parameters_(parameters) {}
  ~CgroupsMemIsolator() override;

  Result<Contribution> prepare(const ContainerContext& container) override;
  Result<WatchAnswer> watch(const ContainerContext& container) override;
  Result<CheckAnswer> check(const ContainerContext& container) override;
  Result<Nothing> update(const ContainerContext& container) override;
  Result<UsageAnswer> usage(const ContainerContext& container) override;
  Result<Nothing> cleanup(const ContainerContext& container) override;

 private:
  struct Bounds {
    std::uint64_t request_bytes = 0;
    std::optional<std::uint64_t> limit_bytes;  // none: no limit
  };
  Bounds bounds(const ContainerContext& container) const;
  std::vector<Setting> settings(const ContainerContext& container, CgroupVersion on);
  bool counts_swap(const ContainerContext& container, const char* file);
  Result<int> open_v1_notice(const ContainerContext& container);
  std::string describe(const ContainerContext& container);

  Parameters parameters_;
  // What becomes readable when memory runs out.
  struct Notice {
    int descriptor = -1;
    std::optional<std::chrono::steady_clock::time_point> unexplained_since;
  };
  void keep(const ContainerId& id, int descriptor);
  void repeat(Notice& notice);
  std::map<ContainerId, Notice> notices_;
  std::optional<bool> counts_swap_;  // whether this kernel does; known once there is a group
};

}  // namespace mesolite::cgroups_mem

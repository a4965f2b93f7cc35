// CgroupTracker: a group for each container that limits nothing and holds all of its processes, so
// that none is lost sight of, whatever ties it cuts. First of the chain with --launcher=linux.
#pragma once

#include <optional>
#include <utility>

#include "mesolite/module/cgroups.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::container {

class CgroupTracker final : public Isolator {
 public:
  explicit CgroupTracker(CgroupPlace place = {}) : place_(std::move(place)) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;
  Result<Nothing> cleanup(const ContainerContext& container) override;
  Result<Nothing> recover(const RecoverRequest& request) override;

 private:
  CgroupPlace place_;
  std::optional<CgroupFs> groups_;
};

}  // namespace mesolite::container

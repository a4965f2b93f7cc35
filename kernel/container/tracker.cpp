#include "kernel/container/tracker.hpp"

namespace mesolite::container {
namespace {

const std::vector<std::string> hierarchy = {"cgroup"};  // that of v2, which needs no controller

}  // namespace

Result<Nothing> CgroupTracker::probe(const IsolatorProbe&) {
  auto groups = CgroupFs::open(place_);
  if (!groups) return tl::unexpected(groups.error());
  if (const auto there = groups->require(hierarchy.front()); !there) {
    return tl::unexpected(there.error());
  }
  groups_.emplace(std::move(*groups));
  return Nothing{};
}

Result<Contribution> CgroupTracker::prepare(const ContainerContext& container) {
  if (auto made = groups_->make(container.id.value, hierarchy); !made) {
    return tl::unexpected(made.error());
  }
  Contribution contribution = unattended();
  contribution.cgroups = groups_->directories(container.id.value, hierarchy);
  return contribution;
}

Result<Nothing> CgroupTracker::cleanup(const ContainerContext& container) {
  if (auto removed = groups_->remove(container.id.value, hierarchy); !removed) {
    return tl::unexpected(removed.error());
  }
  return Nothing{};
}

Result<Nothing> CgroupTracker::recover(const RecoverRequest& request) {
  for (const ContainerId& orphan : request.orphans) {
    (void)groups_->kill(orphan.value);
    (void)groups_->remove(orphan.value, hierarchy);
  }
  return Nothing{};
}

}  // namespace mesolite::container

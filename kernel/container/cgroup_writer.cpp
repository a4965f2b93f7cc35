#include "kernel/container/cgroup_writer.hpp"

#include <algorithm>
#include <utility>

namespace mesolite::container {

CgroupWriter::CgroupWriter(CgroupPlace place, std::shared_ptr<CgroupCalls> calls)
    : place_(std::move(place)), calls_(std::move(calls)) {}

Result<CgroupFs*> CgroupWriter::groups() {
  if (!groups_) {
    auto opened = CgroupFs::open(place_, calls_);
    if (!opened) return tl::unexpected(opened.error());
    groups_.emplace(std::move(*opened));
  }
  return &*groups_;
}

Result<std::vector<std::string>> CgroupWriter::write(const ContainerId& container,
                                                     const std::vector<CgroupWrite>& writes) {
  const auto opened = groups();
  if (!opened) return tl::unexpected(opened.error());
  CgroupFs& files = **opened;
  std::vector<std::string> controllers;
  for (const auto& write : writes) {
    if (write.file.find('/') != std::string::npos) {
      return failure("'" + write.file + "' is not the name of a cgroup file");
    }
    if (std::ranges::count(controllers, write.controller) == 0) {
      controllers.push_back(write.controller);
    }
  }
  Status status = files.make(container.value, controllers);
  for (const auto& write : writes) {
    if (status) status = files.write(write.controller, container.value, write.file, write.value);
  }
  if (!status) return tl::unexpected(status.error());
  return files.directories(container.value, controllers);
}

Status CgroupWriter::remove(const ContainerId& container) {
  const auto opened = groups();
  if (!opened) return {};  // where there are no cgroups nothing can be left in one
  return (*opened)->remove(container.value);
}

}  // namespace mesolite::container

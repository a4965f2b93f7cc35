// CgroupWriter: writes to files of a container's cgroups what isolators contribute (CgroupWrite).
// The group of a container has the name of its id; isolators that make it themselves find it there.
//
// Used by one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/module/cgroups.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::container {

class CgroupWriter {
 public:
  // Looks at what is mounted when it is first needed.
  explicit CgroupWriter(CgroupPlace place, std::shared_ptr<CgroupCalls> calls = nullptr);

  // Makes the container's groups of these controllers, and writes in the order given. Answers with
  // the directories that its processes shall enter. After a failure remove() clears away the rest.
  Result<std::vector<std::string>> write(const ContainerId& container,
                                         const std::vector<CgroupWrite>& writes);
  // Removes the container's groups of all hierarchies.
  Status remove(const ContainerId& container);

 private:
  Result<CgroupFs*> groups();

  CgroupPlace place_;
  std::shared_ptr<CgroupCalls> calls_;
  std::optional<CgroupFs> groups_;
};

}  // namespace mesolite::container

// What this machine has to offer, for agents whose --resources leave it out.
#pragma once

#include <filesystem>
#include <string>

#include "mesolite/base/resources.hpp"

namespace mesolite::runtime {

// As Mesos measures it: the CPUs this process may run on; memory and disk (of the file system of
// `work_dir`) without a share for the machine itself, which is half of them, at most 1 GB of memory
// and 5 GB of disk; ports 31000 to 32000.
Resources measured_resources(const std::filesystem::path& work_dir);

// `given` ("cpus:4;mem:8192", may be empty), completed by what was measured for every one of cpus,
// mem, disk and ports that it does not name. Fails on what cannot be read.
Result<Resources> agent_resources(const std::string& given, const std::string& default_role,
                                  const Resources& measured);

}  // namespace mesolite::runtime

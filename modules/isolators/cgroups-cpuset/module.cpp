#include "mesolite/module/module.hpp"

#include "cgroups_cpuset.hpp"

MESOLITE_MODULE(Isolator, "cgroups/cpuset", "1.0.0", "Pins containers to CPUs, through cgroups.",
                mesolite::cgroups_cpuset::CgroupsCpusetIsolator,
                mesolite::cgroups_cpuset::Parameters)

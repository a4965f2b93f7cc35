#include "mesolite/module/module.hpp"

#include "cgroups_pids.hpp"

MESOLITE_MODULE(Isolator, "cgroups/pids", "1.0.0",
                "Limits the number of processes and threads, through cgroups.",
                mesolite::cgroups_pids::CgroupsPidsIsolator, mesolite::cgroups_pids::Parameters)

#include "mesolite/module/module.hpp"

#include "cgroups_mem.hpp"

MESOLITE_MODULE(Isolator, "cgroups/mem", "1.0.0",
                "Limits memory and ends containers that run out of it, through cgroups.",
                mesolite::cgroups_mem::CgroupsMemIsolator, mesolite::cgroups_mem::Parameters)

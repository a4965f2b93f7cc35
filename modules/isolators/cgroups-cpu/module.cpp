#include "mesolite/module/module.hpp"

#include "cgroups_cpu.hpp"

MESOLITE_MODULE(Isolator, "cgroups/cpu", "1.0.0",
                "Shares CPU time by cpus and caps it at a limit, through cgroups.",
                mesolite::cgroups_cpu::CgroupsCpuIsolator, mesolite::cgroups_cpu::Parameters)

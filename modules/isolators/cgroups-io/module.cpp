#include "mesolite/module/module.hpp"

#include "cgroups_io.hpp"

MESOLITE_MODULE(Isolator, "cgroups/io", "1.0.0",
                "Throttles and accounts for what containers read and write, through cgroups.",
                mesolite::cgroups_io::CgroupsIoIsolator, mesolite::cgroups_io::Parameters)

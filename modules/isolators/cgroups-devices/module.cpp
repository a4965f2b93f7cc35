#include "mesolite/module/module.hpp"

#include "cgroups_devices.hpp"

MESOLITE_MODULE(Isolator, "cgroups/devices", "1.0.0",
                "Lets containers use only the devices that they are given, through cgroups.",
                mesolite::cgroups_devices::CgroupsDevicesIsolator,
                mesolite::cgroups_devices::Parameters)

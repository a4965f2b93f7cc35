#include "mesolite/module/module.hpp"

#include "linux_capabilities.hpp"

MESOLITE_MODULE(Isolator, "linux/capabilities", "1.0.0",
                "Leaves containers only the capabilities that they need.",
                mesolite::linux_capabilities::LinuxCapabilitiesIsolator,
                mesolite::linux_capabilities::Parameters)

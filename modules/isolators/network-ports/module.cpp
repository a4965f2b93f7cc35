#include "mesolite/module/module.hpp"

#include "network_ports.hpp"

MESOLITE_MODULE(Isolator, "network/ports", "1.0.0",
                "Finds containers that listen on ports that they were not given.",
                mesolite::network_ports::NetworkPortsIsolator, mesolite::network_ports::Parameters)

#include "mesolite/module/module.hpp"

#include "network_namespace.hpp"

MESOLITE_MODULE(Isolator, "network/namespace", "1.0.0",
                "Containers have a network of their own, reached through published ports.",
                mesolite::network_namespace::NetworkIsolator,
                mesolite::network_namespace::Parameters)

#include "mesolite/module/module.hpp"

#include "namespaces_pid.hpp"

MESOLITE_MODULE(Isolator, "namespaces/pid", "1.0.0",
                "Containers see and reach their own processes only.",
                mesolite::namespaces_pid::PidNamespaceIsolator,
                mesolite::namespaces_pid::Parameters)

#include "mesolite/module/module.hpp"

#include "namespaces_mount.hpp"

MESOLITE_MODULE(Isolator, "namespaces/mount", "1.0.0",
                "Containers mount for themselves only, and do not see each other's sandboxes.",
                mesolite::namespaces_mount::MountNamespaceIsolator,
                mesolite::namespaces_mount::Parameters)

#include "mesolite/module/module.hpp"

#include "namespaces_uts.hpp"

MESOLITE_MODULE(Isolator, "namespaces/uts", "1.0.0", "Containers have a host name of their own.",
                mesolite::namespaces_uts::UtsNamespaceIsolator,
                mesolite::namespaces_uts::Parameters)

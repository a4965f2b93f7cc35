#include "mesolite/module/module.hpp"

#include "namespaces_ipc.hpp"

MESOLITE_MODULE(Isolator, "namespaces/ipc", "1.0.0",
                "Containers have shared memory, semaphores and message queues of their own.",
                mesolite::namespaces_ipc::IpcNamespaceIsolator,
                mesolite::namespaces_ipc::Parameters)

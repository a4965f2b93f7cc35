#include "mesolite/module/module.hpp"

#include "linux_nnp.hpp"

MESOLITE_MODULE(Isolator, "linux/nnp", "1.0.0",
                "Keeps containers from gaining privileges by executing programs.",
                mesolite::linux_nnp::LinuxNnpIsolator, mesolite::Nothing)

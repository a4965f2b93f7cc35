#include "mesolite/module/module.hpp"

#include "linux_seccomp.hpp"

MESOLITE_MODULE(Isolator, "linux/seccomp", "1.0.0",
                "Lets containers make only the system calls of a profile.",
                mesolite::linux_seccomp::LinuxSeccompIsolator, mesolite::linux_seccomp::Parameters)

#include "mesolite/module/module.hpp"

#include "posix_rlimits.hpp"

MESOLITE_MODULE(Isolator, "posix/rlimits", "1.0.0",
                "Sets resource limits of processes (setrlimit) for containers.",
                mesolite::posix_rlimits::PosixRlimitsIsolator, mesolite::posix_rlimits::Parameters)

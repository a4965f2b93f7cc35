#include "mesolite/module/module.hpp"

#include "posix_mem.hpp"

MESOLITE_MODULE(Isolator, "posix/mem", "1.0.0",
                "Accounts for the resident memory of containers from /proc; limits nothing.",
                mesolite::posix_mem::PosixMemIsolator, mesolite::posix_mem::Parameters)

#include "mesolite/module/module.hpp"

#include "posix_cpu.hpp"

MESOLITE_MODULE(Isolator, "posix/cpu", "1.0.0",
                "Accounts for the CPU time of containers from /proc; limits nothing.",
                mesolite::posix_cpu::PosixCpuIsolator, mesolite::posix_cpu::Parameters)

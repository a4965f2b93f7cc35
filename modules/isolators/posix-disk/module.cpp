#include "mesolite/module/module.hpp"

#include "posix_disk.hpp"

MESOLITE_MODULE(Isolator, "posix/disk", "1.0.0",
                "Ends containers whose sandbox grows beyond their disk.",
                mesolite::posix_disk::PosixDiskIsolator, mesolite::posix_disk::Parameters)

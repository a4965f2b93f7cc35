#include "mesolite/module/module.hpp"

#include "filesystem_rootfs.hpp"

MESOLITE_MODULE(Isolator, "filesystem/rootfs", "1.0.0",
                "Containers whose task names an image have it as their root file system.",
                mesolite::filesystem_rootfs::RootfsIsolator,
                mesolite::filesystem_rootfs::Parameters)

#include "mesolite/module/module.hpp"

#include "filesystem_volumes.hpp"

MESOLITE_MODULE(Isolator, "filesystem/volumes", "1.0.0",
                "Containers see persistent volumes and paths of the host where they ask for them.",
                mesolite::filesystem_volumes::VolumesIsolator,
                mesolite::filesystem_volumes::Parameters)

#include "mesolite/module/module.hpp"

#include "capacity.hpp"

MESOLITE_MODULE(Allocator, "capacity", "1.0.0",
                "Queues with a guaranteed share, an elastic maximum and a priority, as in YARN.",
                mesolite::capacity::CapacityAllocator, mesolite::capacity::Parameters)

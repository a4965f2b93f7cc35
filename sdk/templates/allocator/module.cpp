#include "mesolite/module/module.hpp"

#include "my_allocator.hpp"

MESOLITE_MODULE(Allocator, "my-allocator", "1.0.0",
                "Offers each agent to whoever was offered something the longest ago.", MyAllocator,
                MyParameters, "Your Name <you@example.org>")

#include "mesolite/module/module.hpp"

#include "weighted_random.hpp"

MESOLITE_MODULE(Allocator, "weighted-random", "1.0.0",
                "Draws the next framework by lot, roles by their weights.",
                mesolite::weighted_random::WeightedRandomAllocator, mesolite::Nothing)

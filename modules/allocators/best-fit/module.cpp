#include "mesolite/module/module.hpp"

#include "best_fit.hpp"

MESOLITE_MODULE(Allocator, "best-fit", "1.0.0",
                "Packs: the fullest agents first, each to whoever fills it best.",
                mesolite::best_fit::BestFitAllocator, mesolite::best_fit::Parameters)

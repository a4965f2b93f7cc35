#include "mesolite/module/module.hpp"

#include "hierarchical.hpp"

MESOLITE_MODULE(Allocator, "hierarchical", "1.0.0",
                "Dominant resource fairness over the tree of roles.",
                mesolite::hierarchical::HierarchicalAllocator, mesolite::Nothing)

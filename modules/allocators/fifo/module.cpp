#include "mesolite/module/module.hpp"

#include "fifo.hpp"

MESOLITE_MODULE(Allocator, "fifo", "1.0.0",
                "Strict priority by role, then first come, first served.",
                mesolite::fifo::FifoAllocator, mesolite::fifo::Parameters)

// Reads one partition of a shuffle: from all maps, each from memory, a file or another host.
#pragma once

#include <cstdint>

#include "frameworks/mini-spark/engine/chunk_file.hpp"
#include "frameworks/mini-spark/engine/task_context.hpp"

namespace mesolite::spark {

// Hands each chunk to `take`, in the order of the maps. Throws FetchFailure for an output that is
// not where it should be; what `take` throws passes through.
void read_shuffle(TaskContext& task, std::uint64_t shuffle, std::uint32_t partition,
                  const TakeChunk& take);

}  // namespace mesolite::spark

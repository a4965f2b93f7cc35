// Environment: what the tasks of one process share. The driver has one for local mode, each worker
// has one. All members may be used from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "frameworks/mini-spark/engine/cache_store.hpp"
#include "frameworks/mini-spark/engine/map_outputs.hpp"
#include "frameworks/mini-spark/engine/shuffle_store.hpp"
#include "mesolite/data/block_server.hpp"

namespace mesolite::spark {

struct EnvironmentOptions {
  std::string scratch;  // an existing directory for files
  // What all tasks together and cached blocks may use, in bytes: half is for the cache, a quarter
  // for outputs that stay in memory, a quarter for the tasks that run.
  std::uint64_t memory = std::uint64_t{1} << 30;
  std::uint32_t slots = 1;  // tasks at a time
  data::BlockServer* blocks = nullptr;
  std::string host;   // of `blocks`: "ip:port"
  std::string token;  // of all block servers of the application
};

struct Environment {
  explicit Environment(EnvironmentOptions chosen)
      : options(std::move(chosen)),
        cache(options.scratch, options.memory / 2),
        shuffles({options.scratch, options.memory / 4, options.blocks}) {}

  std::uint64_t memory_of_task() const { return options.memory / 4 / options.slots; }

  const EnvironmentOptions options;
  CacheStore cache;
  ShuffleStore shuffles;
  MapOutputs outputs;
};

}  // namespace mesolite::spark

// MapOutputs: where the outputs of shuffles lie, as far as this process has been told.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mesolite/protocol/codec.hpp"

namespace mesolite::spark {

struct MapOutput {
  std::string host;                    // "ip:port" of the block server; empty: in this process
  std::uint64_t serial = 0;            // of the attempt that made it
  std::vector<std::uint64_t> lengths;  // bytes by partition, where it is served
  MESOLITE_FIELDS(host, serial, lengths);
};

// All outputs of a shuffle, by map.
using ShuffleOutputs = std::vector<MapOutput>;

// All members may be called from any thread.
class MapOutputs {
 public:
  void set(std::uint64_t shuffle, std::shared_ptr<const ShuffleOutputs> outputs) {
    const std::lock_guard lock(mutex_);
    outputs_[shuffle] = std::move(outputs);
  }
  void drop(std::uint64_t shuffle) {
    const std::lock_guard lock(mutex_);
    outputs_.erase(shuffle);
  }
  std::shared_ptr<const ShuffleOutputs> find(std::uint64_t shuffle) const {
    const std::lock_guard lock(mutex_);
    const auto found = outputs_.find(shuffle);
    return found == outputs_.end() ? nullptr : found->second;
  }

 private:
  mutable std::mutex mutex_;  // guards the map; held for moments only
  std::map<std::uint64_t, std::shared_ptr<const ShuffleOutputs>> outputs_;
};

}  // namespace mesolite::spark

// The registry in a ZooKeeper ensemble, shared by all masters of a cluster.
//
// A node may hold 1 MB, so records lie in 256 shards by a hash of their keys, below `registry` in
// the election's node. A write goes through only as long as the node that proves its master's
// leadership exists, and only over what that master has read: who has lost its place can destroy
// nothing. It is acknowledged when a majority of the ensemble has it on disk.
#pragma once

#include <memory>

#include "kernel/registry/registry.hpp"
#include "mesolite/base/time.hpp"
#include "sdk/detection/zookeeper_url.hpp"

namespace mesolite::registry {

struct ZooKeeperPlace {
  detection::ZooKeeperUrl ensemble;
  std::string proof;      // path of the node that proves leadership; "": writes need no proof
  Duration timeout{10s};  // of the session, and until a call gives up
};

// Fails when the ensemble is not reached in time.
Result<std::unique_ptr<Registry>> open_zookeeper_registry(ZooKeeperPlace place);

}  // namespace mesolite::registry

// Contender: how a master comes to lead. (Who only wants to know who leads has a Detector, see
// sdk/detection.)
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "mesolite/protocol/types.hpp"

namespace mesolite::election {

// The right to lead. Epochs of one cluster grow with every new leader, so that whoever has heard of
// a later leader refuses an earlier one; those of different clusters do not compare.
struct Leadership {
  std::string cluster;  // "": the registry knows
  std::uint64_t epoch = 0;
  std::string node;  // what proves it in ZooKeeper; "": there is nothing to prove

  friend bool operator==(const Leadership&, const Leadership&) = default;
};

class Contender {
 public:
  // The leadership that was won; nothing: it was lost, or may have been, for good. Called on a
  // thread of the contender's own: it posts to its reactor and returns.
  using Handler = std::function<void(std::optional<Leadership>)>;

  virtual ~Contender() = default;
  // Contends with `self` as what others are told of the leader. Called once.
  virtual void contend(const MasterInfo& self, Handler handler) = 0;
  // Whether nobody else can lead yet, by the clock alone: a process that was stopped for a while
  // asks this before it lets anything out. REQUIRES: leadership was told. [any thread]
  virtual bool holds() const = 0;
};

}  // namespace mesolite::election

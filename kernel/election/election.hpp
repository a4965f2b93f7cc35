// Who leads: a master contends for leadership, everybody else detects the leader.
//
// Handlers are called on a thread of the implementation's own (ZooKeeper's client has one): they
// post to their reactor and return.
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
  std::string cluster;
  std::uint64_t epoch = 0;

  friend bool operator==(const Leadership&, const Leadership&) = default;
};

class Contender {
 public:
  // The leadership that was won; nothing: it was lost, or may have been.
  using Handler = std::function<void(std::optional<Leadership>)>;

  virtual ~Contender() = default;
  // Contends with `self` as what others are told of the leader. Called once.
  virtual void contend(const MasterInfo& self, Handler handler) = 0;
};

class Detector {
 public:
  // The leader as far as is known; nothing: nobody leads.
  using Handler = std::function<void(std::optional<MasterInfo>)>;

  virtual ~Detector() = default;
  // Tells the leader when it is found and whenever it changes. Called once.
  virtual void detect(Handler handler) = 0;
  // The leader told last does not answer: look again and tell, even if it is the same. [any thread]
  virtual void look_again() = 0;
};

}  // namespace mesolite::election

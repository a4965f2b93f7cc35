// Surroundings: what every node of a run shares.
#pragma once

#include "mesolite/base/random.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/timeline.hpp"
#include "tests/simulation/torments.hpp"
#include "tests/simulation/witness.hpp"

namespace mesolite::simulation {

struct Surroundings {
  Timeline& timeline;
  Network& network;
  Witness& witness;
  const Torments& torments;
  Random& random;
  bool calm = false;  // the torments are over, and nothing new is begun

  // Uniform in [least, most].
  Duration between(Duration least, Duration most) const {
    const auto span = static_cast<std::uint64_t>((most - least).count());
    return least + Duration(static_cast<std::int64_t>(random.below(span + 1)));
  }
  bool chance(double part) const { return !calm && random.chance(part); }
};

// Calls a node's end_turn() when its machine asks for time.
class Alarm {
 public:
  Alarm(Surroundings& around, const Node& node) : around_(around), node_(node) {}

  void set(std::optional<Time> when) {
    if (!when) return;
    // A machine that asks for a moment that has passed is given the next one.
    const Time due = std::max(*when, around_.timeline.now() + 1us);
    if (set_ && *set_ <= due && *set_ > around_.timeline.now()) return;
    set_ = due;
    around_.timeline.at(due, [network = &around_.network, id = node_.id] {
      if (Node* node = network->find(id)) node->end_turn();
    });
  }

 private:
  Surroundings& around_;
  const Node& node_;
  std::optional<Time> set_;
};

}  // namespace mesolite::simulation

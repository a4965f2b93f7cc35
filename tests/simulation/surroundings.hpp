// Surroundings: what every node of a run shares.
#pragma once

#include <algorithm>
#include <optional>

#include "mesolite/base/random.hpp"
#include "tests/simulation/clock.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/timeline.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/simulation/witness.hpp"

namespace mesolite::simulation {

struct Surroundings {
  Timeline& timeline;
  Network& network;
  Witness& witness;
  Trace& trace;
  const Scenario& scenario;
  Random& random;
  bool calm = false;  // the torments are over, and nothing new is begun

  // Uniform in [least, most].
  Duration between(Duration least, Duration most) const {
    const auto span = static_cast<std::uint64_t>((most - least).count());
    return least + Duration(static_cast<std::int64_t>(random.below(span + 1)));
  }
  // Of something that goes wrong.
  bool chance(double part) const { return !calm && random.chance(part); }

  // For a record to become durable.
  Duration write_time() const {
    constexpr Duration least = 300us;
    const HostTorments& hosts = scenario.hosts;
    return between(least, chance(hosts.slow_writes) ? hosts.write_max : 2 * least);
  }

  void happened(std::string_view who, const Event& event) const {
    witness.happened(event.name);
    trace.event(timeline.now(), who, event);
  }
};

// Calls a node's end_turn() when its machine asks for time, by the clock of its host.
class Alarm {
 public:
  Alarm(Surroundings& around, const Clock& clock, const Node& node)
      : around_(around), clock_(clock), node_(node) {}

  void set(std::optional<Time> when) {
    if (!when) return;
    const Time now = around_.timeline.now();
    // A machine that asks for a moment that has passed is given the next one.
    const Time due = std::max(clock_.truly(*when), now + 1us);
    if (set_ && *set_ <= due && *set_ > now) return;
    set_ = due;
    around_.timeline.at(due, [network = &around_.network, id = node_.id] {
      if (Node* node = network->find(id)) node->end_turn();
    });
  }

 private:
  Surroundings& around_;
  const Clock& clock_;
  const Node& node_;
  std::optional<Time> set_;
};

}  // namespace mesolite::simulation

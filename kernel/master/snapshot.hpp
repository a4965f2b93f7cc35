// The state as plain values for readers elsewhere.
#pragma once

#include "mesolite/protocol/snapshot.hpp"

namespace mesolite::master {

class State;

ClusterSnapshot take_snapshot(const State& state, Time now);

}  // namespace mesolite::master

// Which path of a daemon shows what.
#pragma once

#include <functional>
#include <memory>

#include "kernel/http/router.hpp"
#include "mesolite/protocol/snapshot.hpp"

namespace mesolite::http {

// The latest snapshot; null while there is none yet, which is answered with 503. [any thread]
using ClusterSource = std::function<std::shared_ptr<const ClusterSnapshot>()>;
using AgentSource = std::function<std::shared_ptr<const AgentStateSnapshot>()>;

// A master that does not lead answers /health, /version, /bus, /redirect, /flags, /metrics and
// /metrics/snapshot itself and sends clients to the leader for the rest.
Router master_routes(ClusterSource source);
Router agent_routes(AgentSource source);

}  // namespace mesolite::http

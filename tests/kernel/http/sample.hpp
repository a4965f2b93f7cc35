// A small cluster with one of everything, for the tests of views and routes.
#pragma once

#include "mesolite/protocol/snapshot.hpp"

namespace mesolite::http {

ClusterSnapshot sample_cluster();
AgentStateSnapshot sample_agent();

}  // namespace mesolite::http

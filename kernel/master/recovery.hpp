// Recovery: what earlier masters of this cluster have left in the registry, read back at start.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "kernel/master/durable.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::master {

struct Durable {
  std::map<std::string, DurableWeight> weights;  // by role
  std::map<std::string, DurableQuota> quotas;    // by role
  std::map<AgentId, DurableAgent> agents;
  std::map<FrameworkId, DurableFramework> frameworks;
  // Whether all masters of the cluster wrote down whom they let in; older releases did not.
  bool complete = false;

  // Takes in one record; one of a kind that this release does not know is passed over. Fails on
  // one that cannot be read, with its key and the field.
  Status add(std::string_view key, std::string_view value);
};

// A record for people: "{info={id=c-A1 hostname=a …} standing=admitted}". Fails like add().
Result<std::string> durable_text(std::string_view key, std::string_view value);

// Starts from what was left behind: agents and frameworks are there, disconnected, and have as long
// to come back as the configuration says. REQUIRES: a state that nothing has happened to.
void recover(State& state, Durable durable);

}  // namespace mesolite::master

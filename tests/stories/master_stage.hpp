// The stage of stories about the master. Parties have names of their own; ids are given by the
// master. Inputs:
//
//   master KEY=DURATION…                      settings; before anything else
//   agent NAME RESOURCES                      connects and registers; also its hostname
//   back NAME [TASK[=STATE]…]                 connects again with its id and these tasks (running)
//   framework NAME [id=OTHER] [roles=A,B] [suppressed=A] [failover=DURATION] [partition_aware]
//   crowd COUNT                               as many frameworks that want nothing
//   launch FRAMEWORK OFFER,… [TASK=RESOURCES[@EXECUTOR]…] [executor:NAME=RESOURCES]
//   [refuse=DURATION] decline FRAMEWORK OFFER,… [refuse=DURATION] suppress | revive FRAMEWORK
//   [ROLE…] update AGENT FRAMEWORK TASK STATE [latest=STATE]     update ids count up from 1 ack
//   FRAMEWORK AGENT TASK UPDATE kill FRAMEWORK TASK reconcile FRAMEWORK [TASK[@AGENT]…] exited
//   AGENT FRAMEWORK EXECUTOR STATUS message FRAMEWORK AGENT EXECUTOR TEXT     and back: reply AGENT
//   FRAMEWORK EXECUTOR TEXT teardown FRAMEWORK | unregister AGENT lose NAME | mute NAME the
//   connection ends | pings are not answered any more pass DURATION state what the master's books
//   say
//   drain AGENT [within=DURATION] [gone]
//   service off | on | gone AGENT             deactivated, reactivated, declared gone
//   restart DURATION                          the master dies, and comes back that much later with
//                                             what it wrote down
//
// Outputs: "NAME <- Message fields…", "NAME is cut off", "! event fields…".
#pragma once

#include <memory>

#include "tests/stories/story.hpp"

namespace mesolite::testing {

std::unique_ptr<Stage> make_master_stage();

}  // namespace mesolite::testing

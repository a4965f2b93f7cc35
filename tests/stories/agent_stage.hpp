// The stage of stories about the agent. Frameworks, tasks and executors have the names that the
// story gives them; a container is called by its task or executor. Inputs:
//
//   agent KEY=DURATION…                       settings; before anything else
//   connected | disconnected                  the link to the master
//   welcome [epoch=N] [cluster=ID]            the master's answer to Hello
//   registered ID [ping=DURATION]             and to RegisterAgent
//   refused TEXT | ping
//   run FRAMEWORK [TASK=RESOURCES[@EXECUTOR]…] [executor:NAME=RESOURCES…] [group] [killing_state]
//       [finish_within=DURATION]              the last: of all its tasks
//   kill FRAMEWORK TASK [grace=DURATION]
//   ack FRAMEWORK TASK                        the update of it that was sent last
//   shutdown_framework FRAMEWORK | shutdown_executor FRAMEWORK EXECUTOR
//   message FRAMEWORK EXECUTOR TEXT
//   launched NAME | fails NAME TEXT           of a container
//   exited NAME STATUS                        as waitpid(2) gives it
//   executor NAME | lost NAME                 its process connects and registers; it is gone
//   says NAME TASK STATE                      an update of an executor
//   terminate                                 SIGTERM
//   pass DURATION
//   state                                     what the agent's books say
//
// Outputs: "master <- Message fields…", "EXECUTOR <- Message fields…", "launch NAME: …",
// "terminate NAME", "destroy NAME", "retire the sandbox of NAME", "reconnect", "finished: …",
// "! event fields…".
#pragma once

#include <memory>

#include "tests/stories/story.hpp"

namespace mesolite::testing {

std::unique_ptr<Stage> make_agent_stage();

}  // namespace mesolite::testing

// Task groups: tasks that live and die together. When one of them ends and has not finished well,
// or cannot even start, the others are ended too.
#pragma once

#include <cstdint>
#include <vector>

#include "kernel/agent/state.hpp"

namespace mesolite::agent {

// These tasks of the framework, which have just been taken in as members of the group, are all.
void form_group(State& state, Framework& framework, std::uint64_t group,
                const std::vector<TaskId>& ids);
// A member is terminal.
void leave_group(State& state, Task& task);

}  // namespace mesolite::agent

// The nouns of the protocol: what masters, agents, frameworks, tasks and offers are to those who
// talk about them.
#pragma once

#include "mesolite/protocol/info.hpp"
#include "mesolite/protocol/offer.hpp"
#include "mesolite/protocol/status.hpp"
#include "mesolite/protocol/task.hpp"

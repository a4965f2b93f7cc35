// How stories write values down; moments are told from the start of the story.
#pragma once

#include "mesolite/protocol/print.hpp"

namespace mesolite::testing {

using mesolite::Printer;

}  // namespace mesolite::testing

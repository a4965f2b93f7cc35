// What the sessions of the drivers have in common to say to their shells.
#pragma once

#include <string>

#include "mesolite/framework/driver.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite {

// Give up the link to a bus, if there is one, and make one to this.
struct Connect {
  std::string endpoint;
};

struct CloseLink {};

struct Send {
  Message message;
};

// Callbacks that Scheduler and Executor share.
struct Disconnected {};
struct Failed {
  std::string message;
};

// Nothing comes after it. What was to be sent is still to leave.
struct Ended {
  DriverStatus status = DriverStatus::unknown;
};

}  // namespace mesolite

// Host: what a module may ask of the program that has loaded it. A module is handed one when it is
// made and may keep the reference: the host outlives every instance. Safe from any thread.
#pragma once

#include <string_view>

#include "mesolite/protocol/event.hpp"

namespace mesolite {

class Host {
 public:
  virtual ~Host() = default;

  // One line for the operator's log; the host puts the module's name before it. Never a secret.
  virtual void log(Severity severity, std::string_view text) = 0;
  // Something happened that the kind's interface describes; the host calls back soon.
  virtual void notify(std::string_view data) = 0;
};

}  // namespace mesolite

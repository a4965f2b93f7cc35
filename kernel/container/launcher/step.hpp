// How a step towards a new process ends: done, or what could not be done and the errno of it.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace mesolite::container {

struct StepFailure {
  std::string step;  // "cannot mount '/proc'"
  int error = 0;     // errno
};

using StepResult = tl::expected<void, StepFailure>;

[[nodiscard]] inline tl::unexpected<StepFailure> step_failure(std::string step, int error) {
  return tl::unexpected(StepFailure{std::move(step), error});
}

}  // namespace mesolite::container

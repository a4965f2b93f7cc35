// Preflight: opens a module library in a process of its own and hears what its manifest says. A
// file that crashes, aborts, hangs or exits while it is opened costs that process, not ours.
#pragma once

#include <filesystem>
#include <string>

#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"
#include "sdk/src/module/library.hpp"

namespace mesolite {

struct PreflightSettings {
  std::filesystem::path program;  // mesolite-preflight
  Duration timeout{10s};
};

// What mesolite-preflight writes to its standard output, in msgpack.
struct PreflightReport {
  std::string problem;  // empty: the description holds
  ModuleDescription description;
  MESOLITE_FIELDS(problem, description);
};

// Runs `program FILE` and waits for it. Fails with one sentence that names the file.
Result<ModuleDescription> preflight(const PreflightSettings& settings,
                                    const std::filesystem::path& file);

}  // namespace mesolite

// The registry in one SQLite file.
#pragma once

#include <filesystem>
#include <memory>

#include "kernel/registry/registry.hpp"

namespace mesolite::registry {

// Opens or creates `file`. Fails, with a sentence, when it cannot be written, is no registry, was
// written by a newer release, or is held by another master.
Result<std::unique_ptr<Registry>> open_sqlite_registry(const std::filesystem::path& file);

}  // namespace mesolite::registry

// The registry in one SQLite file.
#pragma once

#include <filesystem>
#include <memory>

#include "kernel/registry/registry.hpp"

namespace mesolite::registry {

// In a master's work directory.
inline constexpr const char* sqlite_file_name = "registry.db";

enum class OpenMode { create, existing };

// Opens `file`, or creates it if that is wanted. Fails, with a sentence, when it cannot be written,
// is no registry or a damaged one, was written by a newer release, or is held by another master.
Result<std::unique_ptr<Registry>> open_sqlite_registry(const std::filesystem::path& file,
                                                       OpenMode mode = OpenMode::create);

}  // namespace mesolite::registry

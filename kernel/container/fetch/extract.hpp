// Unpacks archives into the present directory, whatever they hold.
#pragma once

#include <cstdint>
#include <string>

#include "mesolite/base/result.hpp"

namespace mesolite::container {

// By the end of its name: .tar, .tar.gz and .tgz, .tar.bz2 and .tbz2, .tar.xz and .txz, .tar.zst,
// .zip.
bool is_archive(const std::string& file);

struct ExtractLimits {
  std::uint64_t bytes_max = 0;
  std::uint64_t entries_max = 0;
};

// Writes nothing outside of the present directory, makes only files, directories and links, and
// grants nobody set-user-id. Fails with a sentence that names the archive and the entry.
Status extract(const std::string& file, const ExtractLimits& limits);

}  // namespace mesolite::container

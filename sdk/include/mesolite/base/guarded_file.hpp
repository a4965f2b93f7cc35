// Files that decide who may do what: keys, credentials, access lists, modules. Whoever can write
// one, or can read a secret one, is as mighty as its owner; so such files are refused.
//
// No state; safe from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "mesolite/base/result.hpp"

namespace mesolite {

inline constexpr std::size_t guarded_file_bytes_max = std::size_t{1} << 20;

// The text of a file that nobody but us and root can write. Fails with a sentence that begins with
// "`what` 'file'", on a file larger than guarded_file_bytes_max too.
Result<std::string> read_guarded_file(const std::string& what, const std::filesystem::path& file);

// The same of a file that nobody but us and root can read, either.
Result<std::string> read_secret_file(const std::string& what, const std::filesystem::path& file);

// Whether nobody but us, root and the group we run as can write the file, or swap it for another
// one in its directory (a sticky one such as /tmp is no better than its file).
Status check_guarded(const std::string& what, const std::filesystem::path& file);

// Puts a text in the place of what a file held, readable by us alone: all of it or nothing.
Status write_secret_file(const std::filesystem::path& file, const std::string& text);

}  // namespace mesolite

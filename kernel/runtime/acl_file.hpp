// The file of an access list, in TOML (kernel/authorization/README.md), and what holds without one.
#pragma once

#include <filesystem>
#include <string>

#include "kernel/authorization/acls.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::runtime {

// Fails with a sentence that names the line on anything but rules, and on a file that others can
// write.
Result<authorization::Acls> read_acls(const std::filesystem::path& file);
// `name` stands in errors and denials: "name:line".
Result<authorization::Acls> parse_acls(std::string_view text, const std::string& name);

// The access list of a daemon that listens on `ip`. Without a file everybody may do everything, and
// so there has to be one where others than users of this machine can come, unless `permissive` was
// asked for.
Result<authorization::Acls> acls_of(const std::filesystem::path& file, const std::string& ip,
                                    bool permissive);

bool is_loopback(const std::string& ip);

}  // namespace mesolite::runtime

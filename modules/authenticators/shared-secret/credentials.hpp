// The credentials file: who may come in, and with which secret.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"

namespace mesolite::shared_secret {

using Secrets = std::map<std::string, std::string, std::less<>>;  // by principal

// Reads "principal secret" lines. Fails, naming the line, on anything else, a principal that stands
// twice, and no principal at all.
Result<Secrets> parse_credentials(std::string_view text);

// The same of a file that belongs to us or root and that nobody else can read. Never says a secret.
Result<Secrets> read_credentials(const std::filesystem::path& file);

}  // namespace mesolite::shared_secret

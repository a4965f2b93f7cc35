// The cryptography of credentials, none of it ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mesolite/credentials/credentials.hpp"

namespace mesolite::credentials {

// The keys of RFC 5802 for a salt in base64.
Result<SaltedSecret> hash_secret(std::string_view secret, const std::string& salt,
                                 std::uint32_t iterations);
std::string random_base64(std::size_t bytes);
std::string base64(std::string_view bytes);
std::string digest(std::string_view text);  // SHA-256, in base64
bool is_base64(std::string_view text, std::size_t bytes_min, std::size_t bytes_max);
// In a time that does not depend on where they differ.
bool equal(std::string_view a, std::string_view b);

}  // namespace mesolite::credentials

// The cryptography of the exchange, all of it OpenSSL's.
#pragma once

#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"

namespace mesolite::shared_secret {

// What both proofs of one exchange are about.
struct Exchange {
  std::string principal;
  std::string client_nonce;
  std::string server_nonce;
};

inline constexpr std::size_t nonce_bytes = 32;

Result<std::string> make_nonce();

// HMAC-SHA256 over which end it is and the exchange; `end` is "client" or "server".
Result<std::string> make_proof(std::string_view secret, std::string_view end,
                               const Exchange& exchange);

// In a time that does not depend on where they differ.
bool equal(std::string_view a, std::string_view b);

}  // namespace mesolite::shared_secret

#include "proof.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "mesolite/protocol/codec.hpp"

namespace mesolite::shared_secret {
namespace {

// What is signed. The codec writes lengths, so no two exchanges have the same bytes.
struct Signed {
  std::string purpose = "mesolite shared-secret 1";
  std::string end;
  std::string principal;
  Bytes client_nonce;
  Bytes server_nonce;
  MESOLITE_FIELDS(purpose, end, principal, client_nonce, server_nonce);
};

}  // namespace

Result<std::string> make_nonce() {
  std::string nonce(nonce_bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(nonce.data()), static_cast<int>(nonce.size())) !=
      1) {
    return failure("the system gives no random bytes");
  }
  return nonce;
}

Result<std::string> make_proof(std::string_view secret, std::string_view end,
                               const Exchange& exchange) {
  Signed about;
  about.end = end;
  about.principal = exchange.principal;
  about.client_nonce = Bytes(exchange.client_nonce);
  about.server_nonce = Bytes(exchange.server_nonce);
  const std::string bytes = encode(about);
  std::string proof(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  const unsigned char* made =
      HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
           reinterpret_cast<unsigned char*>(proof.data()), &size);
  if (made == nullptr) return failure("HMAC-SHA256 cannot be computed");
  proof.resize(size);
  return proof;
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace mesolite::shared_secret

#include "sdk/src/credentials/hashing.hpp"

#include <gsasl.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "mesolite/base/check.hpp"

namespace mesolite::credentials {
namespace {

using Key = std::array<char, GSASL_HASH_SHA256_SIZE>;

struct Free {
  void operator()(char* text) const { ::gsasl_free(text); }
};
using Owned = std::unique_ptr<char, Free>;

std::string base64_of(const Key& key) {
  return base64(std::string_view(key.data(), key.size()));
}

Result<std::string> from_base64(std::string_view text) {
  char* made = nullptr;
  std::size_t length = 0;
  const int status = ::gsasl_base64_from(text.data(), text.size(), &made, &length);
  const Owned owned(made);
  if (status != GSASL_OK) return failure("is not base64");
  return std::string(made, length);
}

}  // namespace

Result<SaltedSecret> hash_secret(std::string_view secret, const std::string& salt,
                                 std::uint32_t iterations) {
  if (secret.empty()) return failure("the secret is empty");
  const std::string text(secret);
  char* prepared = nullptr;
  if (::gsasl_saslprep(text.c_str(), static_cast<Gsasl_saslprep_flags>(0), &prepared, nullptr) !=
      GSASL_OK) {
    return failure("the secret is no text that SASL takes (RFC 4013)");
  }
  const Owned owned(prepared);
  const auto raw_salt = from_base64(salt);
  if (!raw_salt) return failure("the salt", raw_salt.error());
  Key salted{};
  Key client{};
  Key server{};
  Key stored{};
  const int status = ::gsasl_scram_secrets_from_password(
      GSASL_HASH_SHA256, prepared, iterations, raw_salt->data(), raw_salt->size(), salted.data(),
      client.data(), server.data(), stored.data());
  OPENSSL_cleanse(salted.data(), salted.size());
  OPENSSL_cleanse(client.data(), client.size());
  if (status != GSASL_OK) return failure(std::string("SCRAM: ") + ::gsasl_strerror(status));
  return SaltedSecret{iterations, salt, base64_of(stored), base64_of(server)};
}

std::string base64(std::string_view bytes) {
  char* made = nullptr;
  std::size_t length = 0;
  const int status = ::gsasl_base64_to(bytes.data(), bytes.size(), &made, &length);
  const Owned owned(made);
  MESOLITE_CHECK(status == GSASL_OK, "memory for a few bytes is left");
  return std::string(made, length);
}

std::string random_base64(std::size_t bytes) {
  std::string random(bytes, '\0');
  const int status = ::gsasl_random(random.data(), random.size());
  MESOLITE_CHECK(status == GSASL_OK, "the system gives random bytes");
  return base64(random);
}

std::string digest(std::string_view text) {
  Key made{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(made.data()));
  return base64_of(made);
}

bool is_base64(std::string_view text, std::size_t bytes_min, std::size_t bytes_max) {
  if (text.empty() || text.size() > 2 * bytes_max + 4) return false;
  const auto raw = from_base64(text);
  return raw && raw->size() >= bytes_min && raw->size() <= bytes_max;
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace mesolite::credentials

// The credentials file: who may come in, and what a server knows of their secrets. A line is a
// principal and one proof; nothing in the file lets anybody in who reads it.
//
//   ann  SCRAM-SHA-256$15000:SALT$STORED-KEY:SERVER-KEY   of a secret (RFC 5803, base64)
//   ann  TOKEN-SHA-256$DIGEST                             of a bearer token (base64)
//
// A principal has at most one secret and any number of tokens. Made by `mesolite credentials`;
// used by the authenticator scram-sha-256 and by the HTTP side.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite {

inline constexpr std::uint32_t scram_iterations = 15'000;
// What a client computes for a server: fewer are too weak (RFC 7677), more are an attack.
inline constexpr std::uint32_t scram_iterations_min = 4'096;
inline constexpr std::uint32_t scram_iterations_max = 1'000'000;

// A secret as its server keeps it; the texts are base64.
struct SaltedSecret {
  std::uint32_t iterations = 0;
  std::string salt;
  std::string stored_key;
  std::string server_key;

  friend bool operator==(const SaltedSecret&, const SaltedSecret&) = default;
};

// Salts and hashes; takes milliseconds on purpose. Fails on a secret that is empty or no UTF-8.
Result<SaltedSecret> salt_secret(std::string_view secret);
// What an unknown principal is challenged with: the same for the same name and key, and of a secret
// that nobody knows.
SaltedSecret decoy_secret(const std::string& key, const std::string& principal);
// A secret or token that nobody can guess.
std::string make_secret();

// What HTTP's header Authorization says of who shows a secret (RFC 7617).
std::string basic_authorization(std::string_view principal, std::string_view secret);

// A value; not thread-safe.
class Credentials {
 public:
  // Fails with a sentence that names the line and repeats nothing of a proof.
  static Result<Credentials> parse(std::string_view text);
  std::string to_text() const;

  const SaltedSecret* find(const std::string& principal) const;
  // Takes as long for an unknown principal as for a wrong secret.
  bool knows_secret(const std::string& principal, std::string_view secret) const;
  // Whose token that is, if anybody's.
  std::optional<std::string> principal_of(std::string_view token) const;

  // The secret takes the place of an earlier one. Fail on a name that the file cannot hold.
  Status set_secret(const std::string& principal, SaltedSecret secret);
  Status add_token(const std::string& principal, std::string_view token);
  bool remove(const std::string& principal);  // with all its tokens; false: there was none

  // Each with whether there is a secret, and how many tokens.
  struct Entry {
    std::string principal;
    bool secret = false;
    std::size_t tokens = 0;
  };
  std::vector<Entry> list() const;
  bool empty() const { return secrets_.empty() && tokens_.empty(); }

 private:
  Status add(const std::string& principal, std::string_view proof);

  std::map<std::string, SaltedSecret> secrets_;
  std::map<std::string, std::string> tokens_;  // by digest
};

// The credentials in a file, read anew when it has been replaced: who is removed from it does not
// come in any more. A file that cannot be used any longer leaves what was known. [any thread]
class CredentialsFile {
 public:
  // Fails on a file that is open to others, or holds anything but credentials.
  static Result<std::unique_ptr<CredentialsFile>> open(std::filesystem::path file);

  // `problem`, if asked for, tells why a replaced file is not used; "" otherwise.
  std::shared_ptr<const Credentials> current(std::string* problem = nullptr);
  // Credentials::knows_secret(), remembering the last secret that was right of each principal.
  bool knows_secret(const std::string& principal, const std::string& secret);

 private:
  explicit CredentialsFile(std::filesystem::path file) : file_(std::move(file)) {}
  Status read();

  struct Version {
    std::uint64_t inode = 0;
    std::int64_t changed = 0;  // in nanoseconds
    friend bool operator==(const Version&, const Version&) = default;
  };
  std::optional<Version> version_on_disk() const;

  const std::filesystem::path file_;
  // Guards what follows, which HTTP threads share; held to read the file, never to hash.
  std::mutex mutex_;
  std::optional<Version> version_;
  std::shared_ptr<const Credentials> current_;
  std::map<std::string, std::string> right_;  // digests of the secrets that were right
};

Result<Credentials> read_credentials(const std::filesystem::path& file);

}  // namespace mesolite

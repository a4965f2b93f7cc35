#include "mesolite/credentials/credentials.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "mesolite/base/guarded_file.hpp"
#include "mesolite/base/text.hpp"
#include "sdk/src/credentials/hashing.hpp"

namespace mesolite {
namespace {

using credentials::digest;
using credentials::equal;
using credentials::is_base64;

constexpr std::string_view scram_scheme = "SCRAM-SHA-256$";
constexpr std::string_view token_scheme = "TOKEN-SHA-256$";
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t key_bytes = 32;
constexpr std::size_t principal_bytes_max = 255;

bool is_principal(std::string_view name) {
  if (name.empty() || name.size() > principal_bytes_max || name.front() == '#') return false;
  return std::none_of(name.begin(), name.end(),
                      [](unsigned char letter) { return letter <= ' ' || letter == 0x7f; });
}

Status check_principal(const std::string& principal) {
  if (is_principal(principal)) return {};
  return failure("'" + principal.substr(0, principal_bytes_max) +
                 "' is no name of a principal: 1 to 255 bytes without blanks, and no # first");
}

// "15000:SALT$STORED:SERVER"
std::optional<SaltedSecret> parse_scram(std::string_view text) {
  const auto halves = split(text, '$');
  if (halves.size() != 2) return std::nullopt;
  const auto salting = split(halves[0], ':');
  const auto keys = split(halves[1], ':');
  if (salting.size() != 2 || keys.size() != 2) return std::nullopt;
  SaltedSecret secret;
  const char* end = salting[0].data() + salting[0].size();
  const auto [stop, problem] = std::from_chars(salting[0].data(), end, secret.iterations);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  if (secret.iterations < scram_iterations_min || secret.iterations > scram_iterations_max) {
    return std::nullopt;
  }
  if (!is_base64(salting[1], 8, 64)) return std::nullopt;
  if (!is_base64(keys[0], key_bytes, key_bytes)) return std::nullopt;
  if (!is_base64(keys[1], key_bytes, key_bytes)) return std::nullopt;
  secret.salt = salting[1];
  secret.stored_key = keys[0];
  secret.server_key = keys[1];
  return secret;
}

std::string to_text(const SaltedSecret& secret) {
  return std::string(scram_scheme) + std::to_string(secret.iterations) + ":" + secret.salt + "$" +
         secret.stored_key + ":" + secret.server_key;
}

}  // namespace

Result<SaltedSecret> salt_secret(std::string_view secret) {
  return credentials::hash_secret(secret, credentials::random_base64(salt_bytes), scram_iterations);
}

SaltedSecret decoy_secret(const std::string& key, const std::string& principal) {
  const auto derived = [&](const char* purpose) {
    return digest(std::string(purpose) + ":" + key + ":" + principal);
  };
  // Like a true one: 16 bytes are 22 letters of base64, of the last of which two bits count.
  const std::string salt = derived("salt");
  const char last = "AQgw"[static_cast<unsigned char>(salt[21]) % 4];
  return {scram_iterations, salt.substr(0, 21) + last + "==", derived("stored"), derived("server")};
}

std::string make_secret() {
  return credentials::random_base64(secret_bytes);
}

std::string basic_authorization(std::string_view principal, std::string_view secret) {
  return "Basic " + credentials::base64(std::string(principal) + ":" + std::string(secret));
}

// ---- the file
// ------------------------------------------------------------------------------------

Result<Credentials> Credentials::parse(std::string_view text) {
  Credentials parsed;
  std::size_t number = 0;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
    const Status added = parsed.add(std::string(line.substr(0, blank)), trim(line.substr(blank)));
    if (!added) return failure("line " + std::to_string(number), added.error());
  }
  return parsed;
}

Status Credentials::add(const std::string& principal, std::string_view proof) {
  if (auto named = check_principal(principal); !named) return named;
  if (proof.starts_with(token_scheme)) {
    const std::string_view hash = proof.substr(token_scheme.size());
    if (!is_base64(hash, key_bytes, key_bytes)) return failure("this is no hash of a token");
    tokens_.emplace(hash, principal);
    return {};
  }
  if (!proof.starts_with(scram_scheme)) {
    return failure(
        "expected 'principal SCRAM-SHA-256$…' or 'principal TOKEN-SHA-256$…', as "
        "'mesolite credentials' writes it");
  }
  auto secret = parse_scram(proof.substr(scram_scheme.size()));
  if (!secret) return failure("this is no salted secret of SCRAM-SHA-256");
  if (secrets_.emplace(principal, std::move(*secret)).second) return {};
  return failure("principal '" + principal + "' has a secret already");
}

std::string Credentials::to_text() const {
  std::string text = "# Who may come in; written by 'mesolite credentials'.\n";
  for (const auto& [principal, secret] : secrets_) {
    text += principal + " " + mesolite::to_text(secret) + "\n";
  }
  for (const auto& [hash, principal] : tokens_) {
    text += principal + " " + std::string(token_scheme) + hash + "\n";
  }
  return text;
}

const SaltedSecret* Credentials::find(const std::string& principal) const {
  const auto found = secrets_.find(principal);
  return found == secrets_.end() ? nullptr : &found->second;
}

bool Credentials::knows_secret(const std::string& principal, std::string_view secret) const {
  static const SaltedSecret nobody{scram_iterations,
                                   std::string(20, 'A') + "AA==", std::string(43, 'A') + "=", ""};
  const SaltedSecret* known = find(principal);
  const SaltedSecret& wanted = known == nullptr ? nobody : *known;
  const auto given = credentials::hash_secret(secret, wanted.salt, wanted.iterations);
  return given && equal(given->stored_key, wanted.stored_key) && known != nullptr;
}

std::optional<std::string> Credentials::principal_of(std::string_view token) const {
  // The look-up is by a hash: how long it takes says nothing of the token.
  const auto found = tokens_.find(digest(token));
  if (found == tokens_.end()) return std::nullopt;
  return found->second;
}

Status Credentials::set_secret(const std::string& principal, SaltedSecret secret) {
  if (auto named = check_principal(principal); !named) return named;
  secrets_[principal] = std::move(secret);
  return {};
}

Status Credentials::add_token(const std::string& principal, std::string_view token) {
  if (auto named = check_principal(principal); !named) return named;
  tokens_[digest(token)] = principal;
  return {};
}

bool Credentials::remove(const std::string& principal) {
  const std::size_t tokens =
      std::erase_if(tokens_, [&](const auto& token) { return token.second == principal; });
  return secrets_.erase(principal) + tokens > 0;
}

std::vector<Credentials::Entry> Credentials::list() const {
  std::map<std::string, Entry> entries;
  for (const auto& [principal, secret] : secrets_) entries[principal].secret = true;
  for (const auto& [hash, principal] : tokens_) ++entries[principal].tokens;
  std::vector<Entry> listed;
  for (auto& [principal, entry] : entries) {
    entry.principal = principal;
    listed.push_back(entry);
  }
  return listed;
}

// ---- CredentialsFile
// -----------------------------------------------------------------------------

Result<Credentials> read_credentials(const std::filesystem::path& file) {
  const std::string what = "credentials file";
  const auto text = read_secret_file(what, file);
  if (!text) return tl::unexpected(text.error());
  auto parsed = Credentials::parse(*text);
  if (!parsed) return failure(what + " '" + file.string() + "'", parsed.error());
  return parsed;
}

Result<std::unique_ptr<CredentialsFile>> CredentialsFile::open(std::filesystem::path file) {
  std::unique_ptr<CredentialsFile> opened(new CredentialsFile(std::move(file)));
  if (auto read = opened->read(); !read) return tl::unexpected(read.error());
  return opened;
}

std::optional<CredentialsFile::Version> CredentialsFile::version_on_disk() const {
  struct stat status {};
  if (::stat(file_.c_str(), &status) != 0) return std::nullopt;
  return Version{status.st_ino, status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec};
}

Status CredentialsFile::read() {
  version_ = version_on_disk();
  auto fresh = read_credentials(file_);
  if (!fresh) return tl::unexpected(fresh.error());
  current_ = std::make_shared<const Credentials>(std::move(*fresh));
  right_.clear();
  return {};
}

std::shared_ptr<const Credentials> CredentialsFile::current(std::string* problem) {
  const std::lock_guard lock(mutex_);
  if (problem != nullptr) problem->clear();
  if (version_on_disk() != version_) {
    const Status fresh = read();
    if (!fresh && problem != nullptr) *problem = fresh.error().message;
  }
  return current_;
}

bool CredentialsFile::knows_secret(const std::string& principal, const std::string& secret) {
  const auto known = current();
  const std::string hash = digest(principal + '\n' + secret);
  {
    const std::lock_guard lock(mutex_);
    const auto right = right_.find(principal);
    if (right != right_.end() && equal(right->second, hash)) return true;
  }
  if (!known->knows_secret(principal, secret)) return false;
  const std::lock_guard lock(mutex_);
  if (known == current_) right_[principal] = hash;
  return true;
}

}  // namespace mesolite

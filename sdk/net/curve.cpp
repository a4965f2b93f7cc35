#include "sdk/net/curve.hpp"

#include <zmq.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "mesolite/base/guarded_file.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::net {
namespace {

constexpr std::string_view tcp_scheme = "tcp://";
constexpr std::string_view public_word = "public";
constexpr std::string_view secret_word = "secret";

bool is_key(std::string_view text) {
  std::array<std::uint8_t, 32> bytes{};
  return text.size() == curve_key_bytes &&
         ::zmq_z85_decode(bytes.data(), std::string(text).c_str()) != nullptr;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (std::string_view rest = trim(line); !rest.empty();) {
    const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    words.emplace_back(rest.substr(0, end));
    rest = trim(rest.substr(end));
  }
  return words;
}

// How well a name of a server fits "host:port": 0 not at all.
int fit(std::string_view name, std::string_view address) {
  if (name == address) return 3;
  if (name == address.substr(0, address.rfind(':'))) return 2;
  return name == "*" ? 1 : 0;
}

}  // namespace

std::optional<std::string> CurveIdentity::principal_of(std::string_view public_key) const {
  for (const TrustedKey& key : trusted) {
    if (key.public_key == public_key) return key.principal;
  }
  return std::nullopt;
}

Result<std::string> CurveIdentity::server_key(std::string_view endpoint) const {
  const std::string_view address =
      endpoint.starts_with(tcp_scheme) ? endpoint.substr(tcp_scheme.size()) : endpoint;
  int best = 0;
  const TrustedKey* found = nullptr;
  for (const TrustedKey& key : trusted) {
    for (const std::string& name : key.servers) {
      if (fit(name, address) <= best) continue;
      best = fit(name, address);
      found = &key;
    }
  }
  if (found != nullptr) return found->public_key;
  return failure("no key of a server at '" + std::string(endpoint) +
                 "' is trusted: see 'mesolite trust --server'");
}

// ---- files
// ---------------------------------------------------------------------------------------

Result<CurveKey> make_curve_key() {
  std::array<char, curve_key_bytes + 1> open{};
  std::array<char, curve_key_bytes + 1> secret{};
  if (::zmq_curve_keypair(open.data(), secret.data()) != 0) {
    return failure("this ZeroMQ was built without CURVE");
  }
  return CurveKey{open.data(), secret.data()};
}

std::string to_text(const CurveKey& key) {
  return "# A key pair of the bus. The secret half is for nobody else; the public half goes to "
         "all\n"
         "# who shall know the owner: 'mesolite trust'.\n" +
         std::string(public_word) + " " + key.public_key + "\n" + std::string(secret_word) + " " +
         key.secret_key + "\n";
}

Result<CurveKey> read_curve_key(const std::filesystem::path& file) {
  const std::string what = "key file";
  const auto text = read_secret_file(what, file);
  if (!text) return tl::unexpected(text.error());
  CurveKey key;
  for (const std::string_view line : split(*text, '\n')) {
    const auto words = words_of(line);
    if (words.size() != 2 || !is_key(words[1])) continue;
    if (words[0] == public_word) key.public_key = words[1];
    if (words[0] == secret_word) key.secret_key = words[1];
  }
  std::array<char, curve_key_bytes + 1> derived{};
  const bool pair = !key.secret_key.empty() &&
                    ::zmq_curve_public(derived.data(), key.secret_key.c_str()) == 0 &&
                    key.public_key == derived.data();
  if (pair) return key;
  return failure(what + " '" + file.string() +
                 "' holds no pair of a public and a secret key, as 'mesolite keygen' writes it");
}

std::string to_text(const std::vector<TrustedKey>& trusted) {
  std::string text = "# Whose keys are trusted; written by 'mesolite trust'.\n";
  for (const TrustedKey& key : trusted) {
    text += key.public_key + " " + key.principal;
    for (const std::string& server : key.servers) text += " " + server;
    text += "\n";
  }
  return text;
}

Result<std::vector<TrustedKey>> parse_trusted(std::string_view text) {
  std::vector<TrustedKey> trusted;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    const auto words = words_of(line);
    // '#' may begin a key, too; but no key stands before a blank alone.
    if (words.empty() || (words[0].front() == '#' && !is_key(words[0]))) continue;
    const std::string place = "line " + std::to_string(number);
    if (words.size() < 2 || !is_key(words[0])) {
      return failure(place + ": expected a public key, its principal and perhaps its servers");
    }
    const auto same = [&](const TrustedKey& key) { return key.public_key == words[0]; };
    if (std::any_of(trusted.begin(), trusted.end(), same)) {
      return failure(place + ": the key of '" + words[1] + "' stands twice");
    }
    trusted.push_back({words[0], words[1], {words.begin() + 2, words.end()}});
  }
  return trusted;
}

Result<std::vector<TrustedKey>> read_trusted(const std::filesystem::path& file) {
  const std::string what = "trust file";
  const auto text = read_guarded_file(what, file);
  if (!text) return tl::unexpected(text.error());
  auto trusted = parse_trusted(*text);
  if (!trusted) return failure(what + " '" + file.string() + "'", trusted.error());
  return trusted;
}

Result<Curve> read_curve(const std::filesystem::path& key, const std::filesystem::path& trust) {
  if (key.empty() && trust.empty()) return Curve();
  if (key.empty() || trust.empty()) {
    return failure("a key of the bus and a file of trusted keys belong together: give both");
  }
  auto own = read_curve_key(key);
  if (!own) return tl::unexpected(own.error());
  auto trusted = read_trusted(trust);
  if (!trusted) return tl::unexpected(trusted.error());
  return std::make_shared<const CurveIdentity>(CurveIdentity{std::move(*own), std::move(*trusted)});
}

}  // namespace mesolite::net

// Keys of the bus: with them everything on it is encrypted, and each end knows who the other is
// (ZeroMQ's CURVE, which is CurveZMQ over libsodium or TweetNaCl).
//
// Everybody has a key pair of his own. Whom he trusts stands in a file, a line a key, as
// `mesolite trust` writes it; to servers it says who somebody is, to clients which key a server
// has to have:
//
//   rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7  ann
//   Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID  master  192.168.100.11 mesos1:6050
//   D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs  agents  *
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite::net {

inline constexpr std::size_t curve_key_bytes = 40;  // in Z85, as it is written

struct CurveKey {
  std::string public_key;
  std::string secret_key;
};

struct TrustedKey {
  std::string public_key;
  std::string principal;
  std::vector<std::string> servers;  // "host", "host:port" or "*": where it is a server's
};

// Who one is on the bus, and whom one trusts. A value.
struct CurveIdentity {
  CurveKey own;
  std::vector<TrustedKey> trusted;

  // Whose key that is, if it is trusted.
  std::optional<std::string> principal_of(std::string_view public_key) const;
  // The key of the server at "tcp://host:port": that of the line that names it best. Fails with a
  // sentence that names the endpoint.
  Result<std::string> server_key(std::string_view endpoint) const;
};

// Null: the bus is in the clear.
using Curve = std::shared_ptr<const CurveIdentity>;

Result<CurveKey> make_curve_key();
std::string to_text(const CurveKey& key);  // of a key file
// `file` is the one's own alone to read.
Result<CurveKey> read_curve_key(const std::filesystem::path& file);

std::string to_text(const std::vector<TrustedKey>& trusted);
Result<std::vector<TrustedKey>> parse_trusted(std::string_view text);
// Nobody else can write it.
Result<std::vector<TrustedKey>> read_trusted(const std::filesystem::path& file);

// Both files, or null if neither is named.
Result<Curve> read_curve(const std::filesystem::path& key, const std::filesystem::path& trust);

}  // namespace mesolite::net

#include "kernel/runtime/access.hpp"

#include <utility>

namespace mesolite::runtime {

Result<Access> open_access(const AccessFiles& files) {
  Access access;
  if (files.tls.certificate.empty() != files.tls.key.empty()) {
    return failure("--tls_certificate and --tls_key belong together: give both");
  }
  access.tls = files.tls;
  if (!files.http_credentials.empty()) {
    auto credentials = CredentialsFile::open(files.http_credentials);
    if (!credentials) return failure("--http_credentials", credentials.error());
    access.http_credentials = std::move(*credentials);
  }
  auto keys = net::read_curve(files.bus_key, files.bus_trust);
  if (!keys) return failure("--bus_key", keys.error());
  access.keys = std::move(*keys);
  auto audit = AuditLog::open(files.audit);
  if (!audit) return failure("--audit_log", audit.error());
  access.audit = std::move(*audit);
  return access;
}

authorization::Decision refused_key(const std::string& address, const std::string& key) {
  return {"", "connect", address, "the key " + key + " is not trusted"};
}

}  // namespace mesolite::runtime

// Access: what stands at the doors of a daemon, the same of both: who may come in over HTTP, the
// keys of the bus, and the log of who was let do what.
#pragma once

#include <filesystem>
#include <memory>

#include "kernel/http/door.hpp"
#include "kernel/http/server.hpp"
#include "kernel/runtime/audit_log.hpp"
#include "mesolite/credentials/credentials.hpp"
#include "sdk/net/curve.hpp"

namespace mesolite::runtime {

struct Access {
  std::shared_ptr<CredentialsFile> http_credentials;  // null: nobody has to say who he is
  http::Tls tls;
  net::Curve keys;                  // of the bus; null: in the clear
  std::unique_ptr<AuditLog> audit;  // never null

  http::Door door(const authorization::Acls& acls) const {
    return {http_credentials, acls,
            [log = audit.get()](const auto& decision) { log->record(decision); }};
  }
};

// The files that say it.
struct AccessFiles {
  std::filesystem::path http_credentials;
  http::Tls tls;
  std::filesystem::path bus_key;
  std::filesystem::path bus_trust;
  std::filesystem::path audit;
};

// Of the flags of either daemon. Without a file of their own, people come in over HTTP as they do
// over a bus with scram-sha-256.
template <class Options>
AccessFiles access_files(const Options& options) {
  const bool shared = options.http_credentials.empty() && options.authenticators == "scram-sha-256";
  return {shared ? options.credentials : options.http_credentials,
          {options.tls_certificate, options.tls_key},
          options.bus_key,
          options.bus_trust,
          audit_file(options.audit_log, options.log_dir)};
}

// Fails with a sentence that names the flag or the file.
Result<Access> open_access(const AccessFiles& files);

// What the audit log says of somebody who was turned away for his key of the bus.
authorization::Decision refused_key(const std::string& address, const std::string& key);

}  // namespace mesolite::runtime

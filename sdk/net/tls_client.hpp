// TlsClient: the client's half of TLS over a connected socket that does not block. It trusts whom
// OpenSSL trusts by default: the system's authorities, or those that SSL_CERT_FILE names.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"

namespace mesolite::net {

class TlsClient {
 public:
  // `socket` stays the caller's and outlives this. `host` is who the other end has to prove to be.
  static Result<std::unique_ptr<TlsClient>> create(int socket, const std::string& host);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  enum class State { done, want_read, want_write, ended, failed };
  struct Outcome {
    State state = State::done;
    std::size_t size = 0;  // of what was done
  };
  // Each is tried again when the socket is ready for what it wants.
  Outcome shake_hands();
  Outcome send(std::string_view data);
  Outcome receive(char* buffer, std::size_t size);
  // What was wrong with the last that failed.
  std::string problem() const;

 private:
  struct Parts;
  explicit TlsClient(std::unique_ptr<Parts> parts);
  Outcome outcome_of(int result);

  std::unique_ptr<Parts> parts_;
};

}  // namespace mesolite::net

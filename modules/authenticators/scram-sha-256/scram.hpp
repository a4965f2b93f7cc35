// ScramAuthenticator: both halves of the exchange that the README draws.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "exchange.hpp"
#include "mesolite/credentials/credentials.hpp"
#include "mesolite/module/authenticator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::scram {

struct Parameters {
  std::string credentials;
  std::int64_t sessions_max = 10'000;
  MESOLITE_FIELDS(credentials, sessions_max);
};

class ScramAuthenticator final : public Authenticator {
 public:
  // Fails if a credentials file is named and cannot be used.
  static Result<std::unique_ptr<ScramAuthenticator>> create(const Parameters& parameters,
                                                            Host& host);

  Result<AuthenticationAnswer> server_step(const AuthenticationToken& token) override;
  Result<AuthenticationAnswer> client_start(const AuthenticationStart& start) override;
  Result<AuthenticationAnswer> client_step(const AuthenticationToken& token) override;
  Result<Nothing> end(const AuthenticationEnd& session) override;

 private:
  //   server: begun ─ client-first ─> begun ─ client-final ─> proved ─ empty ─> gone (accepted)
  //   client: begun ─ server-first ─> begun ─ server-final ─> gone (accepted)
  struct Session {
    std::string principal;  // claimed; the exchange is about it
    std::unique_ptr<Exchange> exchange;
    bool proved = false;
  };
  using Sessions = std::map<std::uint64_t, Session>;

  ScramAuthenticator(const Parameters& parameters, Host& host);

  Result<AuthenticationAnswer> begin(const AuthenticationToken& token);
  Result<AuthenticationAnswer> go_on(Sessions::iterator place, const AuthenticationToken& token);
  SaltedSecret decoy(const std::string& principal) const;
  AuthenticationAnswer refuse(Sessions& sessions, std::uint64_t session, std::string reason);

  Host& host_;
  const std::size_t sessions_max_;
  const Context context_;
  std::unique_ptr<CredentialsFile> credentials_;  // null: it is nobody's server
  std::string problem_said_;                      // of the file, last
  const std::string decoy_key_;
  // Both halves may run in one host, each with its own numbers.
  Sessions server_sessions_;
  Sessions client_sessions_;
};

}  // namespace mesolite::scram

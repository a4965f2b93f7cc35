// SharedSecretAuthenticator: both halves of the exchange that the README draws.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "credentials.hpp"
#include "mesolite/module/authenticator.hpp"
#include "mesolite/module/host.hpp"
#include "proof.hpp"

namespace mesolite::shared_secret {

struct Parameters {
  std::string credentials;
  std::int64_t sessions_max = 10'000;
  MESOLITE_FIELDS(credentials, sessions_max);
};

class SharedSecretAuthenticator final : public Authenticator {
 public:
  // Fails if a credentials file is named and cannot be used.
  static Result<std::unique_ptr<SharedSecretAuthenticator>> create(const Parameters& parameters,
                                                                   Host& host);
  ~SharedSecretAuthenticator() override;
  SharedSecretAuthenticator(const SharedSecretAuthenticator&) = delete;
  SharedSecretAuthenticator& operator=(const SharedSecretAuthenticator&) = delete;

  Result<AuthenticationAnswer> server_step(const AuthenticationToken& token) override;
  Result<AuthenticationAnswer> client_start(const AuthenticationStart& start) override;
  Result<AuthenticationAnswer> client_step(const AuthenticationToken& token) override;
  Result<Nothing> end(const AuthenticationEnd& session) override;

 private:
  //   server: challenged ─> proved ─> gone (accepted or refused)
  //   client: started ─> responded ─> gone (done or refused)
  enum class Stage : std::uint8_t { challenged, proved, started, responded };
  struct Session {
    Stage stage = Stage::challenged;
    Exchange exchange;
    std::string secret;
  };
  using Sessions = std::map<std::uint64_t, Session>;

  SharedSecretAuthenticator(const Parameters& parameters, Secrets secrets);

  Result<AuthenticationAnswer> challenge(const AuthenticationToken& token);
  Result<AuthenticationAnswer> prove_server(Sessions::iterator place, std::string_view proof);
  Result<AuthenticationAnswer> respond(Sessions::iterator place, std::string_view nonce);
  AuthenticationAnswer finish_client(Sessions::iterator place, std::string_view proof);
  AuthenticationAnswer refuse(Sessions& sessions, std::uint64_t session, std::string reason);

  std::size_t sessions_max_;
  Secrets secrets_;
  std::string decoy_;  // stands for the secrets of unknown principals, so that they fail alike
  // Both halves may run in one host, each with its own numbers.
  Sessions server_sessions_;
  Sessions client_sessions_;
};

}  // namespace mesolite::shared_secret

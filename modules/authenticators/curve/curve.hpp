// CurveAuthenticator: nothing is left to prove where the bus has keys; see the README.
#pragma once

#include "mesolite/module/authenticator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::curve {

class CurveAuthenticator final : public Authenticator {
 public:
  CurveAuthenticator(const Nothing&, Host&) {}

  Result<AuthenticationAnswer> server_step(const AuthenticationToken& token) override;
  Result<AuthenticationAnswer> client_start(const AuthenticationStart& start) override;
  Result<AuthenticationAnswer> client_step(const AuthenticationToken& token) override;
  Result<Nothing> end(const AuthenticationEnd&) override { return Nothing{}; }
};

}  // namespace mesolite::curve

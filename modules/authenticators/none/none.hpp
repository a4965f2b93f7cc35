// NoneAuthenticator: accepts what a client claims. See the README.
#pragma once

#include "mesolite/module/authenticator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::none {

class NoneAuthenticator final : public Authenticator {
 public:
  NoneAuthenticator(const Nothing&, Host&) {}

  Result<AuthenticationAnswer> server_step(const AuthenticationToken& token) override;
  Result<AuthenticationAnswer> client_start(const AuthenticationStart& start) override;
  Result<AuthenticationAnswer> client_step(const AuthenticationToken& token) override;
  Result<Nothing> end(const AuthenticationEnd&) override { return Nothing{}; }
};

}  // namespace mesolite::none

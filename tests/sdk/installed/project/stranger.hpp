// An authenticator that lets everybody in whose name is not "stranger".
#pragma once

#include "mesolite/module/authenticator.hpp"
#include "mesolite/module/host.hpp"

struct StrangerParameters {
  std::string refused = "stranger";
  MESOLITE_FIELDS(refused);
};

class Stranger final : public mesolite::Authenticator {
 public:
  Stranger(const StrangerParameters& parameters, mesolite::Host& host)
      : parameters_(parameters), host_(host) {}

  mesolite::Result<mesolite::AuthenticationAnswer> server_step(
      const mesolite::AuthenticationToken& token) override;
  mesolite::Result<mesolite::AuthenticationAnswer> client_start(
      const mesolite::AuthenticationStart& start) override;
  mesolite::Result<mesolite::AuthenticationAnswer> client_step(
      const mesolite::AuthenticationToken& token) override;
  mesolite::Result<mesolite::Nothing> end(const mesolite::AuthenticationEnd& session) override;

 private:
  StrangerParameters parameters_;
  mesolite::Host& host_;
};

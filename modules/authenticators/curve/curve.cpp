#include "curve.hpp"

namespace mesolite::curve {
namespace {

AuthenticationAnswer refuse(std::string reason) {
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::refused;
  answer.reason = std::move(reason);
  return answer;
}

}  // namespace

Result<AuthenticationAnswer> CurveAuthenticator::server_step(const AuthenticationToken& token) {
  const std::string& proved = token.connection_principal;
  if (proved.empty()) return refuse("its connection has no key: the bus is in the clear");
  if (!token.principal.empty() && token.principal != proved) {
    return refuse("its key is that of '" + proved + "', not of '" + token.principal + "'");
  }
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::accepted;
  answer.principal = proved;
  return answer;
}

Result<AuthenticationAnswer> CurveAuthenticator::client_start(const AuthenticationStart& start) {
  if (!start.server_proved) {
    return failure(
        "mechanism 'curve' needs a key of the bus, and a file of those that are trusted");
  }
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::accepted;
  return answer;
}

Result<AuthenticationAnswer> CurveAuthenticator::client_step(const AuthenticationToken&) {
  return refuse("the server asks for a proof, and with mechanism 'curve' there is none left");
}

}  // namespace mesolite::curve

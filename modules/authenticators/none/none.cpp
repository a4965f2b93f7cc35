#include "none.hpp"

namespace mesolite::none {

Result<AuthenticationAnswer> NoneAuthenticator::server_step(const AuthenticationToken& token) {
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::accepted;
  answer.principal = token.principal;
  return answer;
}

Result<AuthenticationAnswer> NoneAuthenticator::client_start(const AuthenticationStart&) {
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::accepted;  // of a server that proves nothing
  return answer;
}

Result<AuthenticationAnswer> NoneAuthenticator::client_step(const AuthenticationToken&) {
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::refused;
  answer.reason = "the server asks for a proof, and mechanism 'none' has none";
  return answer;
}

}  // namespace mesolite::none

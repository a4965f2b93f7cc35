#include "stranger.hpp"

using mesolite::AuthenticationAnswer;
using mesolite::AuthenticationState;
using mesolite::Result;

Result<AuthenticationAnswer> Stranger::server_step(const mesolite::AuthenticationToken& token) {
  AuthenticationAnswer answer;
  answer.principal = token.principal;
  answer.state = token.principal == parameters_.refused ? AuthenticationState::refused
                                                        : AuthenticationState::accepted;
  host_.log(mesolite::Severity::debug, "answered " + token.principal);
  return answer;
}

Result<AuthenticationAnswer> Stranger::client_start(const mesolite::AuthenticationStart&) {
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::accepted;
  return answer;
}

Result<AuthenticationAnswer> Stranger::client_step(const mesolite::AuthenticationToken&) {
  return mesolite::failure("no challenge was expected");
}

Result<mesolite::Nothing> Stranger::end(const mesolite::AuthenticationEnd&) {
  return mesolite::Nothing{};
}

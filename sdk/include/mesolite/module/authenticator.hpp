// Authenticator: proves who is at the other end of a connection. Drivers and agents load the same
// module for the client's half, so a new mechanism works end to end.
//
// The server's and the client's half exchange tokens (Hello, Challenge, ChallengeResponse on the
// bus) until the server accepts or refuses. A session is one connection; the host numbers them.
#pragma once

#include <cstdint>
#include <string>

#include "mesolite/module/kind.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite {

MESOLITE_ENUM(AuthenticationState, unknown, proceed, accepted, refused)

// What the client knows of itself.
struct Credential {
  std::string principal;
  std::string secret;
  MESOLITE_FIELDS(principal, secret);
};

struct AuthenticationToken {
  std::uint64_t session = 0;
  std::string principal;  // claimed in Hello, in a session's first token only
  Bytes data;
  std::string connection_principal = {};  // whom the connection itself has proved (keys of the bus)
  MESOLITE_FIELDS(session, principal, data, connection_principal);
};

struct AuthenticationAnswer {
  // Of a server: accepted lets the client in. Of a client: accepted means that the server has
  // proved who it is, without which the client does not let itself be let in.
  AuthenticationState state = AuthenticationState::unknown;
  Bytes data;             // for the other half, if it proceeds; a client's also if it accepts
  std::string principal;  // if a server accepts
  std::string reason;     // if refused: for our log, not for the peer
  MESOLITE_FIELDS(state, data, principal, reason);
};

struct AuthenticationStart {
  std::uint64_t session = 0;
  Credential credential;
  bool server_proved = false;  // the connection itself has proved who the server is
  MESOLITE_FIELDS(session, credential, server_proved);
};

struct AuthenticationEnd {
  std::uint64_t session = 0;
  MESOLITE_FIELDS(session);
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // Server: the next token of a client; the first of a session opens it.
  virtual Result<AuthenticationAnswer> server_step(const AuthenticationToken& token) = 0;
  // Client: opens a session; the answer's data goes into Hello.
  virtual Result<AuthenticationAnswer> client_start(const AuthenticationStart& start) = 0;
  // Client: the server's challenge.
  virtual Result<AuthenticationAnswer> client_step(const AuthenticationToken& token) = 0;
  // Either: the connection is gone or the exchange is over. Unknown sessions are fine.
  virtual Result<Nothing> end(const AuthenticationEnd& session) = 0;
};

#define MESOLITE_AUTHENTICATOR_METHODS(METHOD)                       \
  METHOD(1, server_step, AuthenticationToken, AuthenticationAnswer)  \
  METHOD(2, client_start, AuthenticationStart, AuthenticationAnswer) \
  METHOD(3, client_step, AuthenticationToken, AuthenticationAnswer)  \
  METHOD(4, end, AuthenticationEnd, Nothing)

MESOLITE_MODULE_KIND(Authenticator, "authenticator", 1, MESOLITE_AUTHENTICATOR_METHODS)

}  // namespace mesolite

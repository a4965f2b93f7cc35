#include "scram.hpp"

#include <utility>

namespace mesolite::scram {
namespace {

// No token of an honest peer is longer.
constexpr std::size_t token_bytes_max = 4096;

AuthenticationAnswer answer_of(AuthenticationState state, std::string data) {
  AuthenticationAnswer answer;
  answer.state = state;
  answer.data = Bytes(std::move(data));
  return answer;
}

AuthenticationAnswer proceed(std::string data) {
  return answer_of(AuthenticationState::proceed, std::move(data));
}

// "n,,n=ann,r=…": libgsasl asks for what is known of a client before it says whom it speaks for.
std::string name_in(std::string_view client_first) {
  for (std::size_t at = 0; (at = client_first.find("n=", at)) != client_first.npos; ++at) {
    if (at > 0 && client_first[at - 1] != ',') continue;
    const std::string_view rest = client_first.substr(at + 2);
    return std::string(rest.substr(0, rest.find(',')));
  }
  return "";
}

// As it stands in the exchange (RFC 5802, saslname).
std::string escaped(std::string_view name) {
  std::string text;
  for (const char letter : name) {
    if (letter == ',') {
      text += "=2C";
    } else if (letter == '=') {
      text += "=3D";
    } else {
      text += letter;
    }
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<ScramAuthenticator>> ScramAuthenticator::create(const Parameters& parameters,
                                                                       Host& host) {
  if (parameters.sessions_max < 1) return failure("parameter 'sessions_max' must be at least 1");
  std::unique_ptr<ScramAuthenticator> made(new ScramAuthenticator(parameters, host));
  if (parameters.credentials.empty()) return made;
  auto file = CredentialsFile::open(parameters.credentials);
  if (!file) return tl::unexpected(file.error());
  made->credentials_ = std::move(*file);
  return made;
}

ScramAuthenticator::ScramAuthenticator(const Parameters& parameters, Host& host)
    : host_(host),
      sessions_max_(static_cast<std::size_t>(parameters.sessions_max)),
      decoy_key_(make_secret()) {}

// ---- server
// --------------------------------------------------------------------------------------

Result<AuthenticationAnswer> ScramAuthenticator::server_step(const AuthenticationToken& token) {
  if (token.data.size() > token_bytes_max) {
    return refuse(server_sessions_, token.session, "a token of the client is too long");
  }
  const auto place = server_sessions_.find(token.session);
  if (place == server_sessions_.end()) return begin(token);
  if (!place->second.proved) return go_on(place, token);
  if (!token.data.empty()) {
    return refuse(server_sessions_, token.session, "the client did not take the server's proof");
  }
  AuthenticationAnswer answer = answer_of(AuthenticationState::accepted, "");
  answer.principal = place->second.principal;
  server_sessions_.erase(place);
  return answer;
}

Result<AuthenticationAnswer> ScramAuthenticator::begin(const AuthenticationToken& token) {
  if (!credentials_) return failure("no credentials file is configured (parameter 'credentials')");
  if (server_sessions_.size() >= sessions_max_) {
    return refuse(server_sessions_, token.session, "too many exchanges are under way");
  }
  std::string problem;
  const auto credentials = credentials_->current(&problem);
  if (problem != problem_said_ && !problem.empty()) host_.log(Severity::warning, problem);
  problem_said_ = problem;
  if (name_in(token.data.view()) != escaped(token.principal)) {
    return refuse(server_sessions_, token.session,
                  "the exchange is not about principal '" + token.principal + "'");
  }
  const SaltedSecret* known = credentials->find(token.principal);
  auto exchange = Exchange::server(context_, known != nullptr ? *known : decoy(token.principal));
  if (!exchange) return tl::unexpected(exchange.error());
  const auto place =
      server_sessions_.emplace(token.session, Session{token.principal, std::move(*exchange), false})
          .first;
  return go_on(place, token);
}

Result<AuthenticationAnswer> ScramAuthenticator::go_on(Sessions::iterator place,
                                                       const AuthenticationToken& token) {
  Session& session = place->second;
  auto step = session.exchange->step(token.data.view());
  if (!step) {
    const bool known = credentials_->current()->find(session.principal) != nullptr;
    const std::string who = "principal '" + session.principal + "'";
    return refuse(
        server_sessions_, place->first,
        known ? who + ": " + step.error().message : who + " is not in the credentials file");
  }
  const std::string acts_as = session.exchange->acts_as();
  if (session.exchange->principal() != session.principal ||
      (!acts_as.empty() && acts_as != session.principal)) {
    return refuse(server_sessions_, place->first,
                  "principal '" + session.principal + "' wishes to speak for another one");
  }
  session.proved = step->done;
  return proceed(std::move(step->data));
}

// Nobody knows its secret; the same for the same name, so that unknown principals fail like others.
SaltedSecret ScramAuthenticator::decoy(const std::string& principal) const {
  return decoy_secret(decoy_key_, principal);
}

// ---- client
// --------------------------------------------------------------------------------------

Result<AuthenticationAnswer> ScramAuthenticator::client_start(const AuthenticationStart& start) {
  if (start.credential.principal.empty() || start.credential.secret.empty()) {
    return failure("mechanism 'scram-sha-256' needs a principal and a secret");
  }
  end({start.session});
  if (client_sessions_.size() >= sessions_max_) return failure("too many exchanges are under way");
  auto exchange = Exchange::client(context_, start.credential.principal, start.credential.secret);
  if (!exchange) return tl::unexpected(exchange.error());
  auto first = (*exchange)->step("");
  if (!first) return tl::unexpected(first.error());
  client_sessions_.emplace(start.session,
                           Session{start.credential.principal, std::move(*exchange), false});
  return proceed(std::move(first->data));
}

Result<AuthenticationAnswer> ScramAuthenticator::client_step(const AuthenticationToken& token) {
  const auto place = client_sessions_.find(token.session);
  if (place == client_sessions_.end()) {
    return refuse(client_sessions_, token.session, "the server's challenge was not asked for");
  }
  const std::uint64_t rounds = iterations_in(token.data.view());
  if (token.data.size() > token_bytes_max || rounds > scram_iterations_max ||
      (rounds != 0 && rounds < scram_iterations_min)) {
    return refuse(client_sessions_, token.session,
                  "the server asks for what no honest server asks for");
  }
  auto step = place->second.exchange->step(token.data.view());
  if (!step) {
    return refuse(client_sessions_, token.session,
                  "the server does not know the secret: " + step.error().message);
  }
  if (!step->done) return proceed(std::move(step->data));
  client_sessions_.erase(place);
  return answer_of(AuthenticationState::accepted, std::move(step->data));
}

// ---- both
// ----------------------------------------------------------------------------------------

AuthenticationAnswer ScramAuthenticator::refuse(Sessions& sessions, std::uint64_t session,
                                                std::string reason) {
  sessions.erase(session);
  AuthenticationAnswer answer = answer_of(AuthenticationState::refused, "");
  answer.reason = std::move(reason);
  return answer;
}

Result<Nothing> ScramAuthenticator::end(const AuthenticationEnd& session) {
  server_sessions_.erase(session.session);
  client_sessions_.erase(session.session);
  return Nothing{};
}

}  // namespace mesolite::scram

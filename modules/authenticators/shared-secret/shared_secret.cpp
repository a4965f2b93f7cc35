#include "shared_secret.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace mesolite::shared_secret {
namespace {

constexpr std::string_view done = "done";

AuthenticationAnswer proceed(std::string data) {
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::proceed;
  answer.data = Bytes(std::move(data));
  return answer;
}

void wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
}

}  // namespace

Result<std::unique_ptr<SharedSecretAuthenticator>> SharedSecretAuthenticator::create(
    const Parameters& parameters, Host&) {
  if (parameters.sessions_max < 1) return failure("parameter 'sessions_max' must be at least 1");
  Secrets secrets;
  if (!parameters.credentials.empty()) {
    auto read = read_credentials(parameters.credentials);
    if (!read) return tl::unexpected(read.error());
    secrets = std::move(*read);
  }
  std::unique_ptr<SharedSecretAuthenticator> made(
      new SharedSecretAuthenticator(parameters, std::move(secrets)));
  const auto decoy = make_nonce();
  if (!decoy) return tl::unexpected(decoy.error());
  made->decoy_ = *decoy;
  return made;
}

SharedSecretAuthenticator::SharedSecretAuthenticator(const Parameters& parameters, Secrets secrets)
    : sessions_max_(static_cast<std::size_t>(parameters.sessions_max)),
      secrets_(std::move(secrets)) {}

SharedSecretAuthenticator::~SharedSecretAuthenticator() {
  for (auto& [principal, secret] : secrets_) wipe(secret);
  for (Sessions* sessions : {&server_sessions_, &client_sessions_}) {
    for (auto& [number, session] : *sessions) wipe(session.secret);
  }
}

// ---- server
// --------------------------------------------------------------------------------------

Result<AuthenticationAnswer> SharedSecretAuthenticator::server_step(
    const AuthenticationToken& token) {
  const auto place = server_sessions_.find(token.session);
  if (place == server_sessions_.end()) return challenge(token);
  if (place->second.stage == Stage::challenged) return prove_server(place, token.data.view());
  if (token.data.view() != done) {
    return refuse(server_sessions_, token.session, "the client did not take the server's proof");
  }
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::accepted;
  answer.principal = place->second.exchange.principal;
  end({token.session});
  return answer;
}

Result<AuthenticationAnswer> SharedSecretAuthenticator::challenge(
    const AuthenticationToken& token) {
  if (secrets_.empty()) {
    return failure("no credentials file is configured (parameter 'credentials')");
  }
  if (server_sessions_.size() >= sessions_max_) {
    return refuse(server_sessions_, token.session, "too many exchanges are under way");
  }
  if (token.data.size() != nonce_bytes) {
    return refuse(server_sessions_, token.session, "the client's first token is no nonce");
  }
  auto nonce = make_nonce();
  if (!nonce) return tl::unexpected(nonce.error());
  const auto known = secrets_.find(token.principal);
  Session session;
  session.exchange = {token.principal, token.data.data, *nonce};
  session.secret = known == secrets_.end() ? decoy_ : known->second;
  server_sessions_.emplace(token.session, std::move(session));
  return proceed(std::move(*nonce));
}

Result<AuthenticationAnswer> SharedSecretAuthenticator::prove_server(Sessions::iterator place,
                                                                     std::string_view proof) {
  Session& session = place->second;
  const auto wanted = make_proof(session.secret, "client", session.exchange);
  if (!wanted) return tl::unexpected(wanted.error());
  const bool known = secrets_.contains(session.exchange.principal);
  if (!equal(proof, *wanted) || !known) {
    const std::string who = "principal '" + session.exchange.principal + "'";
    return refuse(server_sessions_, place->first,
                  known ? who + " gave a wrong proof" : who + " is not in the credentials file");
  }
  auto own = make_proof(session.secret, "server", session.exchange);
  if (!own) return tl::unexpected(own.error());
  session.stage = Stage::proved;
  return proceed(std::move(*own));
}

// ---- client
// --------------------------------------------------------------------------------------

Result<AuthenticationAnswer> SharedSecretAuthenticator::client_start(
    const AuthenticationStart& start) {
  if (start.credential.principal.empty() || start.credential.secret.empty()) {
    return failure("mechanism 'shared-secret' needs a principal and a secret");
  }
  if (client_sessions_.size() >= sessions_max_) return failure("too many exchanges are under way");
  auto nonce = make_nonce();
  if (!nonce) return tl::unexpected(nonce.error());
  end({start.session});
  Session session;
  session.stage = Stage::started;
  session.exchange = {start.credential.principal, *nonce, ""};
  session.secret = start.credential.secret;
  client_sessions_.emplace(start.session, std::move(session));
  return proceed(std::move(*nonce));
}

Result<AuthenticationAnswer> SharedSecretAuthenticator::client_step(
    const AuthenticationToken& token) {
  const auto place = client_sessions_.find(token.session);
  if (place == client_sessions_.end()) {
    return refuse(client_sessions_, token.session, "the server's challenge was not asked for");
  }
  if (place->second.stage == Stage::started) return respond(place, token.data.view());
  return finish_client(place, token.data.view());
}

Result<AuthenticationAnswer> SharedSecretAuthenticator::respond(Sessions::iterator place,
                                                                std::string_view nonce) {
  Session& session = place->second;
  if (nonce.size() != nonce_bytes) {
    return refuse(client_sessions_, place->first, "the server's challenge is no nonce");
  }
  session.exchange.server_nonce = nonce;
  auto proof = make_proof(session.secret, "client", session.exchange);
  if (!proof) return tl::unexpected(proof.error());
  session.stage = Stage::responded;
  return proceed(std::move(*proof));
}

AuthenticationAnswer SharedSecretAuthenticator::finish_client(Sessions::iterator place,
                                                              std::string_view proof) {
  const Session& session = place->second;
  const auto wanted = make_proof(session.secret, "server", session.exchange);
  if (!wanted || !equal(proof, *wanted)) {
    return refuse(client_sessions_, place->first, "the server does not know the secret");
  }
  client_sessions_.erase(place);
  AuthenticationAnswer answer = proceed(std::string(done));
  answer.state = AuthenticationState::accepted;
  return answer;
}

// ---- both
// ----------------------------------------------------------------------------------------

AuthenticationAnswer SharedSecretAuthenticator::refuse(Sessions& sessions, std::uint64_t session,
                                                       std::string reason) {
  if (const auto place = sessions.find(session); place != sessions.end()) {
    wipe(place->second.secret);
    sessions.erase(place);
  }
  AuthenticationAnswer answer;
  answer.state = AuthenticationState::refused;
  answer.reason = std::move(reason);
  return answer;
}

Result<Nothing> SharedSecretAuthenticator::end(const AuthenticationEnd& session) {
  for (Sessions* sessions : {&server_sessions_, &client_sessions_}) {
    const auto place = sessions->find(session.session);
    if (place == sessions->end()) continue;
    wipe(place->second.secret);
    sessions->erase(place);
  }
  return Nothing{};
}

}  // namespace mesolite::shared_secret

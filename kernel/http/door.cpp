#include "kernel/http/door.hpp"

#include <openssl/evp.h>

#include <optional>
#include <utility>

#include "mesolite/base/text.hpp"

namespace mesolite::http {
namespace {

constexpr std::size_t proof_bytes_max = 4096;

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

struct Shown {
  std::string scheme;  // in lower case
  std::string proof;
};

Shown shown_by(const Request& request) {
  const std::string_view header = request.header("authorization");
  const std::size_t blank = std::min(header.find(' '), header.size());
  return {lower(header.substr(0, blank)), std::string(trim(header.substr(blank)))};
}

// "principal:secret"
std::optional<std::pair<std::string, std::string>> basic_of(const Shown& shown) {
  const auto text = from_base64(shown.proof);
  const std::size_t colon = text ? text->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return std::pair(text->substr(0, colon), text->substr(colon + 1));
}

// As whom somebody comes who has proved nothing: for the audit log.
std::string claimed_by(const Request& request) {
  const Shown shown = shown_by(request);
  if (shown.scheme != "basic" || shown.proof.size() > proof_bytes_max) return "";
  const auto basic = basic_of(shown);
  return basic ? basic->first : "";
}

Response unauthorized(const std::string& problem) {
  Response response = error_response(401, problem);
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"mesolite\", charset=\"UTF-8\"");
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"mesolite\"");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

Response forbidden(const std::string& problem) {
  Response response = error_response(403, problem);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

// The answer to somebody who is not let in.
std::optional<Response> refusal(const Door& door, const Route& route, const Request& request) {
  if (!route.right) return std::nullopt;
  std::string principal;
  if (door.credentials) {
    auto proved = principal_of(request, *door.credentials);
    if (!proved) {
      door.record({claimed_by(request), "connect", request.method + " " + request.path,
                   proved.error().message});
      return unauthorized(proved.error().message);
    }
    principal = std::move(*proved);
  }
  authorization::Decision decision = door.acls.decide(principal, *route.right, "");
  if (decision.object.empty()) decision.object = request.method + " " + request.path;
  if (authorization::is_recorded(*route.right, decision)) door.record(decision);
  if (decision.denial.empty()) return std::nullopt;
  return forbidden(decision.denial);
}

}  // namespace

Result<std::string> principal_of(const Request& request, CredentialsFile& credentials) {
  const Shown shown = shown_by(request);
  if (shown.scheme.empty()) {
    return failure("Say who you are: with Basic authentication or a bearer token.");
  }
  if (shown.proof.size() <= proof_bytes_max && shown.scheme == "bearer") {
    auto principal = credentials.current()->principal_of(shown.proof);
    if (principal) return std::move(*principal);
  }
  if (shown.proof.size() <= proof_bytes_max && shown.scheme == "basic") {
    const auto basic = basic_of(shown);
    if (basic && credentials.knows_secret(basic->first, basic->second)) return basic->first;
  }
  return failure("That is not known here.");
}

Handler handler_of(Router router, Door door, Between next) {
  const auto routes = std::make_shared<const Router>(std::move(router));
  const auto guard = std::make_shared<const Door>(std::move(door));
  return [routes, guard, next = std::move(next)](const Request& request, const Responder& respond) {
    const Route* route = routes->route_of(request);
    auto refused = route == nullptr ? std::nullopt : refusal(*guard, *route, request);
    if (refused) return respond(std::move(*refused));
    if (!next || route == nullptr) return routes->handle(request, respond);
    next(request, [routes, request, respond] { routes->handle(request, respond); });
  };
}

}  // namespace mesolite::http

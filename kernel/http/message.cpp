#include "kernel/http/message.hpp"

#include <algorithm>
#include <atomic>
#include <optional>

#include "mesolite/base/text.hpp"

namespace mesolite::http {
namespace {

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

// Nothing on broken escapes and on control characters, which no name of ours contains.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char letter = text[i];
    if (letter == '+' && plus_is_blank) letter = ' ';
    if (letter == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      letter = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) return std::nullopt;
    decoded.push_back(letter);
  }
  return decoded;
}

Status parse_query(std::string_view text, std::map<std::string, std::string>& query) {
  for (const std::string_view part : split(text, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto name = percent_decode(part.substr(0, equals), true);
    const auto value = percent_decode(part.substr(std::min(equals + 1, part.size())), true);
    if (!name || !value) return failure("the query is not well encoded");
    query[*name] = *value;
  }
  return {};
}

// The path and query of an absolute target ("http://host/path"), as proxies send it.
std::string_view without_origin(std::string_view target) {
  constexpr std::string_view scheme = "http://";
  if (!target.starts_with(scheme)) return target;
  const std::size_t slash = target.find('/', scheme.size());
  return slash == std::string_view::npos ? "/" : target.substr(slash);
}

}  // namespace

std::string_view Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : found->second;
}

std::string_view Request::parameter(const std::string& name, std::string_view fallback) const {
  const auto found = query.find(name);
  return found == query.end() ? fallback : found->second;
}

Response json_response(std::string body) {
  return {200, "application/json", std::move(body), {{"Cache-Control", "no-store"}}};
}

Response error_response(int status, std::string sentence) {
  return {status, "text/plain", std::move(sentence) + "\n", {}};
}

Response redirect_response(std::string location) {
  Response response = error_response(307, "See " + location);
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

std::string_view status_text(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 415:
      return "Unsupported Media Type";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

Status parse_target(std::string_view target, Request& request) {
  request.target = target;
  const std::string_view local = without_origin(target);
  if (!local.starts_with('/')) return failure("the target is not a path");
  const std::size_t question = std::min(local.find('?'), local.size());
  auto path = percent_decode(local.substr(0, question), false);
  if (!path) return failure("the path is not well encoded");
  while (path->size() > 1 && path->ends_with('/')) path->pop_back();
  request.path = std::move(*path);
  request.query.clear();
  if (question == local.size()) return {};
  return parse_query(local.substr(question + 1), request.query);
}

struct Responder::Promise {
  explicit Promise(Send function) : send(std::move(function)) {}
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  ~Promise() {
    if (!answered.test()) send(error_response(500, "The request was dropped unanswered."));
  }

  Send send;
  std::atomic_flag answered;
};

Responder::Responder(Send send) : promise_(std::make_shared<Promise>(std::move(send))) {}

void Responder::operator()(Response response) const {
  if (!promise_->answered.test_and_set()) promise_->send(std::move(response));
}

}  // namespace mesolite::http

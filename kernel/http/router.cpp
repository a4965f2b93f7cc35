#include "kernel/http/router.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace mesolite::http {
namespace {

constexpr std::size_t jsonp_size_max = 128;

// A dotted JavaScript name. Anything else could smuggle code into a page that trusts us.
bool is_function_name(std::string_view name) {
  if (name.empty() || name.size() > jsonp_size_max) return false;
  if (std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '_' || letter == '$' || letter == '.';
  });
}

Responder with_jsonp(const Responder& respond, std::string function) {
  return Responder([respond, name = std::move(function)](Response response) {
    if (response.status == 200 && response.content_type == "application/json") {
      // The comment keeps the answer from being taken for another kind of file by its first bytes.
      response.body = "/**/" + name + "(" + response.body + ");";
      response.content_type = "text/javascript";
    }
    respond(std::move(response));
  });
}

Responder with_common_headers(const Responder& respond) {
  return Responder([respond](Response response) {
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    respond(std::move(response));
  });
}

// HEAD is GET without a body.
std::string_view method_of(const Request& request) {
  return request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
}

Response method_refused(const std::vector<const Route*>& routes) {
  std::string allowed;
  for (const Route* route : routes) {
    allowed += (allowed.empty() ? "" : ", ") + route->method;
    if (route->method == "GET") allowed += ", HEAD";
  }
  Response response = error_response(405, "Use one of: " + allowed + ".");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

}  // namespace

Router::Router(std::string process) : prefix_("/" + std::move(process)) {}

void Router::add(std::string method, std::string path, Right right, Handler handler) {
  routes_.push_back({std::move(method), std::move(path), right, std::move(handler)});
}

const Route* Router::route_of(const Request& request) const {
  const std::string_view method = method_of(request);
  for (const Route* route : find(without_process(request.path))) {
    if (route->method == method) return route;
  }
  return nullptr;
}

std::string_view Router::without_process(std::string_view path) const {
  if (path == prefix_) return "/";
  if (path.starts_with(prefix_) && path[prefix_.size()] == '/') path.remove_prefix(prefix_.size());
  return path;
}

std::vector<const Route*> Router::find(std::string_view path) const {
  std::vector<const Route*> found;
  while (!path.empty()) {
    for (const Route& route : routes_) {
      if (route.path == path) found.push_back(&route);
    }
    if (!found.empty()) break;
    path = path.substr(0, path.rfind('/'));
  }
  return found;
}

void Router::handle(const Request& request, const Responder& respond) const {
  const Responder answer = with_common_headers(respond);
  const std::vector<const Route*> candidates = find(without_process(request.path));
  if (candidates.empty()) return answer(error_response(404, "There is nothing at this path."));
  const Route* route = route_of(request);
  if (route == nullptr) return answer(method_refused(candidates));
  const std::string_view function = request.parameter("jsonp");
  if (function.empty() || route->method != "GET") return route->handler(request, answer);
  if (!is_function_name(function)) {
    return answer(error_response(400, "jsonp must name a JavaScript function."));
  }
  route->handler(request, with_jsonp(answer, std::string(function)));
}

}  // namespace mesolite::http

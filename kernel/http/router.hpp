// Finds the handler of a request: the longest route that is the path or a prefix of it by whole
// segments, as clients of Mesos expect (`/api/v1/operator` reaches `/api/v1`).
//
// Built before the server starts, then only read. [any thread]
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/authorization/acls.hpp"
#include "kernel/http/message.hpp"

namespace mesolite::http {

// What somebody has to be allowed who comes by a route; nothing: everybody may.
using Right = std::optional<authorization::Action>;
inline constexpr Right open_to_all = std::nullopt;

struct Route {
  std::string method;
  std::string path;  // "/state"; "/" matches itself only
  Right right;
  Handler handler;
};

class Router {
 public:
  // Every route also answers under "/<process>/…": "master" on masters, "slave(1)" on agents.
  explicit Router(std::string process);

  void add(std::string method, std::string path, Right right, Handler handler);
  const std::vector<Route>& routes() const { return routes_; }

  // The route that a request reaches, or null.
  const Route* route_of(const Request& request) const;

  // Answers 404 and 405 itself, HEAD through GET, and wraps JSON answers of GET in the function
  // that `?jsonp=` names.
  void handle(const Request& request, const Responder& respond) const;

 private:
  std::string_view without_process(std::string_view path) const;
  // The routes of the longest matching path, one for each method; empty if there is none.
  std::vector<const Route*> find(std::string_view path) const;

  std::string prefix_;  // "/master"
  std::vector<Route> routes_;
};

}  // namespace mesolite::http

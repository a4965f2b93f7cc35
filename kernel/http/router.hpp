// Finds the handler of a request: the longest route that is the path or a prefix of it by whole
// segments, as clients of Mesos expect (`/api/v1/operator` reaches `/api/v1`).
//
// Built before the server starts, then only read. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/http/message.hpp"

namespace mesolite::http {

struct Route {
  std::string method;
  std::string path;  // "/state"; "/" matches itself only
  Handler handler;
};

class Router {
 public:
  // Every route also answers under "/<process>/…": "master" on masters, "slave(1)" on agents.
  explicit Router(std::string process);

  void add(std::string method, std::string path, Handler handler);
  const std::vector<Route>& routes() const { return routes_; }

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

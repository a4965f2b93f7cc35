// FakeServer: an HTTP server on loopback whose answers a function makes. One connection at a time,
// one request a connection.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <thread>

namespace mesolite::hadoop {

struct FakeRequest {
  std::string method;
  std::string target;                          // path and query
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct FakeResponse {
  int status = 200;
  std::string body;
  std::map<std::string, std::string> headers;
};

class FakeServer {
 public:
  using Answer = std::function<FakeResponse(const FakeRequest&)>;

  explicit FakeServer(Answer answer);  // called on the server's thread
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void serve();
  void talk(int connection);

  Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace mesolite::hadoop

// The HTTP/1.1 server of ports 5050 and 5051.
//
// Asynchronous on a few threads: a connection that is idle, slow or stuck costs its memory and
// nothing else. Requests of one connection are handled one after the other, so that answers leave
// in request order. Everything a client can make us hold is bounded by ServerLimits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "kernel/http/message.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::http {

struct ServerLimits {
  std::size_t head_size_max = std::size_t{16} << 10;
  std::size_t body_size_max = std::size_t{1} << 20;
  std::size_t connections_max = 1000;  // more are told 503 and closed
  Duration head_timeout = 10s;         // for a whole request head, from connecting or first byte
  Duration body_timeout = 30s;         // for a whole request body
  Duration idle_timeout = 60s;         // between two requests of a connection
  Duration write_timeout = 60s;        // for a whole answer
};

// Files in PEM. With a certificate nothing is served in the clear; the key is ours alone to read.
struct Tls {
  std::filesystem::path certificate;  // with its chain; empty: plain HTTP
  std::filesystem::path key;
};

class HttpServer {
 public:
  HttpServer(Handler handler, ServerLimits limits, Tls tls = {});
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Listens on `ip` and serves on `threads` threads; returns the port, which is a free one if
  // `port` is 0. Fails on an address or on files that cannot be used. REQUIRES: not started before.
  Result<std::uint16_t> start(const std::string& ip, std::uint16_t port, int threads);

  // Closes every connection and joins the threads; answers that come later are dropped. May be
  // called twice. REQUIRES: not called from a handler.
  void stop();

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace mesolite::http

// HttpServer: answers GET, one request at a time, on a thread of its own: for the application's
// page and for agents that fetch its program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "frameworks/mini-spark/engine/files.hpp"
#include "frameworks/mini-spark/engine/listener.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::spark {

struct HttpAnswer {
  std::string type = "text/plain; charset=utf-8";
  std::string text;
  std::string tag = {};                              // an ETag, if it has one
  std::shared_ptr<const MappedPart> file = nullptr;  // instead of the text

  std::string_view body() const { return file ? file->file() : std::string_view(text); }
};

class HttpServer {
 public:
  // What there is at a path; nothing becomes "404 Not Found". Called on the server's thread.
  using Find = std::function<std::optional<HttpAnswer>(std::string_view path)>;

  // `port` 0: any that is free.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& ip, std::uint16_t port,
                                                   Find find);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const { return listener_->port(); }

 private:
  HttpServer(std::unique_ptr<Listener> listener, Find find);
  void serve();
  void answer(int connection) const;

  const std::unique_ptr<Listener> listener_;
  const Find find_;
  std::thread thread_;  // last: it uses all above
};

}  // namespace mesolite::spark

#include "frameworks/mini-spark/face/http_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace mesolite::spark {
namespace {

constexpr std::size_t request_max = 16'384;

void set_patience(int connection) {
  const timeval patience{2, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

// The head of the request; "" if none came in time or it was too long.
std::string request_head(int connection) {
  std::array<char, 4096> buffer{};
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || request.size() >= request_max) return {};
    request.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return request;
}

// Of "GET /path HTTP/1.1"; "" of anything else.
std::string_view path_of(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  if (!line.starts_with("GET ")) return {};
  return line.substr(4, line.find(' ', 4) - 4);
}

void send_all(int connection, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void send_answer(int connection, const std::string& status, const HttpAnswer& answer) {
  const std::string_view body = answer.body();
  std::string head = "HTTP/1.1 " + status + "\r\nContent-Type: " + answer.type +
                     "\r\nContent-Length: " + std::to_string(body.size()) +
                     "\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n";
  if (!answer.tag.empty()) head += "ETag: " + answer.tag + "\r\n";
  send_all(connection, head + "\r\n");
  send_all(connection, body);
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& ip, std::uint16_t port,
                                                      Find find) {
  auto listener = Listener::listen(ip, port);
  if (!listener) return failure("HTTP", listener.error());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(*listener), std::move(find)));
}

HttpServer::HttpServer(std::unique_ptr<Listener> listener, Find find)
    : listener_(std::move(listener)), find_(std::move(find)), thread_([this] { serve(); }) {}

HttpServer::~HttpServer() {
  listener_->close();
  thread_.join();
}

void HttpServer::serve() {
  for (int connection = 0; (connection = listener_->accept()) >= 0;) {
    set_patience(connection);
    answer(connection);
    ::close(connection);
  }
}

void HttpServer::answer(int connection) const {
  const std::string head = request_head(connection);
  const std::string_view path = path_of(head);
  if (head.empty()) return;
  const auto found = path.empty() ? std::nullopt : find_(path);
  if (!found) return send_answer(connection, "404 Not Found", {.text = "there is nothing here\n"});
  const bool known =
      !found->tag.empty() && head.find("If-None-Match: " + found->tag) != std::string::npos;
  if (!known) return send_answer(connection, "200 OK", *found);
  send_answer(connection, "304 Not Modified", {.text = "", .tag = found->tag});
}

}  // namespace mesolite::spark

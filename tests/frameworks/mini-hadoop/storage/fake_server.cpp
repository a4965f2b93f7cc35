#include "tests/frameworks/mini-hadoop/storage/fake_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sstream>
#include <utility>

#include "mesolite/base/check.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::hadoop {
namespace {

// Reads until `done` says that it is enough; false if the other side ends before.
template <class Done>
bool read_until(int connection, std::string& bytes, Done&& done) {
  char piece[65536];
  while (!done()) {
    const ssize_t got = recv(connection, piece, sizeof piece, 0);
    if (got <= 0) return false;
    bytes.append(piece, static_cast<std::size_t>(got));
  }
  return true;
}

FakeRequest parse_head(const std::string& head) {
  FakeRequest request;
  std::istringstream in(head);
  in >> request.method >> request.target;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    request.headers[lower(line.substr(0, colon))] = trim(line.substr(colon + 1));
  }
  return request;
}

}  // namespace

FakeServer::FakeServer(Answer answer) : answer_(std::move(answer)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool listens = bind(listener_, generic, size) == 0 && listen(listener_, 16) == 0 &&
                       getsockname(listener_, generic, &size) == 0;
  MESOLITE_CHECK(listens, "loopback has a free port");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

FakeServer::~FakeServer() {
  shutdown(listener_, SHUT_RDWR);  // accept() ends
  thread_.join();
  close(listener_);
}

void FakeServer::serve() {
  while (true) {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    talk(connection);
    close(connection);
  }
}

void FakeServer::talk(int connection) {
  std::string bytes;
  std::size_t head_end = std::string::npos;
  const bool has_head = read_until(connection, bytes, [&] {
    head_end = bytes.find("\r\n\r\n");
    return head_end != std::string::npos;
  });
  if (!has_head) return;
  FakeRequest request = parse_head(bytes.substr(0, head_end));
  const auto length = request.headers.find("content-length");
  const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
  bytes.erase(0, head_end + 4);
  if (!read_until(connection, bytes, [&] { return bytes.size() >= size; })) return;
  request.body = bytes;
  const FakeResponse response = answer_(request);
  std::string reply =
      "HTTP/1.1 " + std::to_string(response.status) + " Status\r\n" +
      "Connection: close\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n";
  for (const auto& [name, value] : response.headers) reply += name + ": " + value + "\r\n";
  reply += "\r\n";
  if (request.method != "HEAD") reply += response.body;
  for (std::string_view left = reply; !left.empty();) {
    const ssize_t put = send(connection, left.data(), left.size(), MSG_NOSIGNAL);
    if (put <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(put));
  }
}

}  // namespace mesolite::hadoop

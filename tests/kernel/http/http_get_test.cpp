// Defends the small client against servers that are slow, wrong or gone, and its talk with ours.
#include "sdk/net/http_get.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "kernel/http/server.hpp"

namespace mesolite::net {
namespace {

// Listens, and tells one client `answer` before it closes the connection (or keeps it, silent).
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer, bool closes = true)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, text = std::move(answer), closes] { serve(text, closes); });
  }
  ~OneAnswer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(client_);
    ::close(listener_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  void serve(const std::string& text, bool closes) {
    client_ = ::accept(listener_, nullptr, nullptr);
    char buffer[1024];
    std::ignore = ::recv(client_, buffer, sizeof(buffer), 0);
    std::ignore = ::send(client_, text.data(), text.size(), MSG_NOSIGNAL);
    if (closes) ::shutdown(client_, SHUT_WR);
  }

  int listener_;
  int client_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string outcome(const std::string& answer, bool closes = true) {
  const OneAnswer server(answer, closes);
  const auto reply = http_get("127.0.0.1", server.port(), "/x", 200ms);
  if (reply) return std::to_string(reply->status) + " " + reply->body;
  return reply.error().message.substr(reply.error().message.find("/x: ") + 4);
}

TEST(HttpGet, reads_answers_with_and_without_a_length) {
  EXPECT_EQ(outcome("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false), "200 hi");
  EXPECT_EQ(outcome("HTTP/1.0 404 Not Found\r\n\r\nno such thing"), "404 no such thing");
  EXPECT_EQ(outcome("HTTP/1.1 200 OK\r\nCONTENT-LENGTH:0\r\n\r\n", false), "200 ");
}

TEST(HttpGet, wrong_answers_are_one_sentence) {
  EXPECT_EQ(outcome(""), "the connection broke before the answer was whole");
  EXPECT_EQ(outcome("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"),
            "the connection broke before the answer was whole");
  EXPECT_EQ(outcome("SSH-2.0-OpenSSH\r\n\r\n"), "the answer is not HTTP");
  EXPECT_EQ(outcome("HTTP/1.1 abc\r\n\r\n"), "the answer is not HTTP");
  EXPECT_EQ(outcome("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
            "an answer of '99999999999' bytes is too large");
  EXPECT_EQ(outcome(std::string(100'000, 'x')), "the head of the answer is too large");
}

TEST(HttpGet, silence_ends_at_the_deadline) {
  EXPECT_EQ(outcome("HTTP/1.1 200", false), "no whole answer in time");
}

TEST(HttpGet, nobody_listening_is_one_sentence) {
  std::uint16_t port = 0;
  { port = OneAnswer("").port(); }
  EXPECT_EQ(http_get("127.0.0.1", port, "/x", 1s).error().message,
            "cannot get http://127.0.0.1:" + std::to_string(port) +
                "/x: cannot connect: Connection refused");
}

TEST(HttpGet, talks_with_our_server) {
  http::HttpServer server(
      [](const http::Request& request, const http::Responder& respond) {
        respond(http::json_response(std::string(1'000'000, 'x') + request.target));
      },
      {});
  const auto port = server.start("127.0.0.1", 0, 1);
  ASSERT_TRUE(port);
  const auto reply = http_get("localhost", *port, "/state?a=b", 5s);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->headers.at("content-type"), "application/json");
  EXPECT_EQ(reply->body, std::string(1'000'000, 'x') + "/state?a=b");
}

TEST(HostPort, both_parts_must_be_there) {
  const auto parsed = parse_host_port("host.example:5050");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->host, "host.example");
  EXPECT_EQ(parsed->port, 5050);
  for (const char* text : {"", "host", ":5050", "host:", "host:x", "host:0", "host:70000"}) {
    EXPECT_FALSE(parse_host_port(text)) << text;
  }
}

std::string bus_outcome(const std::string& body, int status = 200) {
  const OneAnswer server("HTTP/1.1 " + std::to_string(status) + " X\r\n\r\n" + body);
  const std::string address = "127.0.0.1:" + std::to_string(server.port());
  const auto bus = ask_bus(address, 1s);
  if (bus) return bus->bus + " " + std::to_string(bus->epoch) + " " + bus->version;
  return bus.error().message.substr(bus.error().message.find("/bus ") + 1);
}

TEST(AskBus, finds_endpoint_epoch_and_version) {
  EXPECT_EQ(bus_outcome(R"({"bus":"tcp://10.0.0.1:6050","epoch":18446744073709551615,)"
                        R"("version":"0.1.0"})"),
            "tcp://10.0.0.1:6050 18446744073709551615 0.1.0");
}

TEST(AskBus, others_than_leading_masters_are_one_sentence) {
  EXPECT_EQ(bus_outcome("There is no leading master.\n", 503),
            "bus answered 503: There is no leading master.");
  EXPECT_EQ(bus_outcome("<html>"), "bus named no bus: is this a master?");
  EXPECT_EQ(ask_bus("nowhere", 1s).error().message,
            "master: expected host:port, for example 127.0.0.1:5050, got 'nowhere'");
}

}  // namespace
}  // namespace mesolite::net

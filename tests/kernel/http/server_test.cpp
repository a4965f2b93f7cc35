// Defends the server against clients: limits, order, slowness, and what happens at its end.
#include "kernel/http/server.hpp"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "raw_client.hpp"

namespace mesolite::http {
namespace {

constexpr std::string_view get_close = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

void echo(const Request& request, const Responder& respond) {
  respond({200, "text/plain", request.method + " " + request.path + " " + request.body, {}});
}

class Server {
 public:
  explicit Server(Handler handler = echo, ServerLimits limits = {}, int threads = 2)
      : server_(std::move(handler), limits) {
    const Result<std::uint16_t> port = server_.start("127.0.0.1", 0, threads);
    EXPECT_TRUE(port) << port.error().message;
    port_ = port.value_or(0);
  }
  std::uint16_t port() const { return port_; }
  void stop() { server_.stop(); }

  std::string answer(std::string_view request) const {
    RawClient client(port_);
    client.send(request);
    return client.read_all();
  }
  std::string first_line(std::string_view request) const {
    const std::string text = answer(request);
    return text.substr(0, text.find("\r\n"));
  }

 private:
  HttpServer server_;
  std::uint16_t port_ = 0;
};

std::string with_body(std::string_view headers, std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + std::string(headers) + "\r\n" +
         std::string(body);
}

TEST(HttpServer, answers_with_length_type_and_body) {
  const std::string answer = Server().answer(get_close);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("\r\nContent-Type: text/plain\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\r\nContent-Length: 7\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nGET /x ")) << answer;
}

TEST(HttpServer, head_is_answered_without_a_body_but_with_its_length) {
  const std::string answer =
      Server().answer("HEAD /abc HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("\r\nContent-Length: 10\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(HttpServer, pipelined_requests_are_answered_in_order) {
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  const std::string answers = Server().answer(requests + std::string(get_close));
  std::size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = answers.find("GET /" + std::to_string(i) + " ", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_NE(answers.find("GET /x ", at), std::string::npos);
}

TEST(HttpServer, bodies_come_with_a_length_or_in_chunks) {
  const Server server;
  EXPECT_TRUE(server.answer(with_body("Content-Length: 5\r\n", "hello")).ends_with("/p hello"));
  const std::string chunks = "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
  EXPECT_TRUE(
      server.answer(with_body("Transfer-Encoding: chunked\r\n", chunks)).ends_with("/p hello"));
}

TEST(HttpServer, client_that_waits_for_leave_to_send_gets_it) {
  const Server server;
  RawClient client(server.port());
  client.send(with_body("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
  ASSERT_TRUE(client.read_until("HTTP/1.1 100 Continue\r\n\r\n"));
  client.send("hello");
  EXPECT_TRUE(client.read_all().ends_with("/p hello"));
}

TEST(HttpServer, last_of_repeated_header_lines_counts) {
  const Server server([](const Request& request, const Responder& respond) {
    respond({200, "", std::string(request.header("accept")), {}});
  });
  EXPECT_TRUE(server
                  .answer("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept: one\r\n"
                          "ACCEPT: two\r\n\r\n")
                  .ends_with("\r\n\r\ntwo"));
}

TEST(HttpServer, too_large_heads_are_refused_with_431) {
  const Server server;
  EXPECT_EQ(server.first_line("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"),
            "HTTP/1.1 431 Request Header Fields Too Large");
  // A line without end, as large as the client likes.
  EXPECT_EQ(server.first_line("GET /" + std::string(1 << 20, 'x')),
            "HTTP/1.1 431 Request Header Fields Too Large");
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 10'000; ++i) many += "A: b\r\n";
  EXPECT_EQ(server.first_line(many + "\r\n"), "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST(HttpServer, too_large_bodies_are_refused_with_413) {
  const Server server;
  EXPECT_EQ(server.first_line(with_body("Content-Length: 1048577\r\n", "")),
            "HTTP/1.1 413 Payload Too Large");
  EXPECT_EQ(
      server.first_line(with_body("Transfer-Encoding: chunked\r\n",
                                  "200000\r\n" + std::string(0x200000, 'x') + "\r\n0\r\n\r\n")),
      "HTTP/1.1 413 Payload Too Large");
}

TEST(HttpServer, what_is_no_http_is_refused_with_400) {
  const Server server;
  for (const char* text :
       {"nonsense\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET * HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\n\r\n", "GET /%00 HTTP/1.1\r\n\r\n",
        "GET /a?b=%1 HTTP/1.1\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"}) {
    RawClient client(server.port());
    client.send(text);
    EXPECT_TRUE(client.read_until("HTTP/1.1 400 Bad Request\r\n")) << text << client.received();
  }
}

TEST(HttpServer, silent_and_slow_clients_are_closed_after_the_time_for_a_head) {
  ServerLimits limits;
  limits.head_timeout = 50ms;
  const Server server(echo, limits);
  EXPECT_EQ(server.answer(""), "");
  EXPECT_EQ(server.answer("GET / HT"), "");
}

TEST(HttpServer, slow_bodies_and_idle_connections_are_closed) {
  ServerLimits limits;
  limits.body_timeout = 50ms;
  limits.idle_timeout = 50ms;
  const Server server(echo, limits);
  EXPECT_EQ(server.answer(with_body("Content-Length: 5\r\n", "he")), "");
  EXPECT_TRUE(server.answer("GET /x HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("GET /x "));
}

TEST(HttpServer, idle_connections_starve_nobody) {
  const Server server(echo, {}, 1);
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 200; ++i) {
    idle.push_back(std::make_unique<RawClient>(server.port()));
    idle.back()->send("GET / HTTP/1.1\r\nX-Slow: ");
  }
  EXPECT_EQ(server.first_line(get_close), "HTTP/1.1 200 OK");
}

TEST(HttpServer, connections_past_the_limit_are_turned_away) {
  ServerLimits limits;
  limits.connections_max = 2;
  const Server server(echo, limits);
  RawClient first(server.port());
  RawClient second(server.port());
  first.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  second.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(first.read_until("GET /1 "));
  ASSERT_TRUE(second.read_until("GET /2 "));
  EXPECT_EQ(server.first_line(""), "HTTP/1.1 503 Service Unavailable");
  first.send("GET /still HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(first.read_until("GET /still "));
}

TEST(HttpServer, places_of_closed_connections_are_free_again) {
  ServerLimits limits;
  limits.connections_max = 1;
  const Server server(echo, limits);
  for (int i = 0; i < 20; ++i) {
    // The place is free a moment after the client has seen the end.
    std::string line;
    do {
      line = server.first_line(get_close);
    } while (line == "HTTP/1.1 503 Service Unavailable");
    EXPECT_EQ(line, "HTTP/1.1 200 OK");
  }
}

TEST(HttpServer, answer_may_come_later_from_another_thread) {
  std::promise<Responder> asked;
  const Server server([&](const Request&, const Responder& respond) { asked.set_value(respond); });
  RawClient client(server.port());
  client.send(get_close);
  asked.get_future().get()({200, "", "late", {}});
  EXPECT_TRUE(client.read_all().ends_with("late"));
}

TEST(HttpServer, dropped_and_throwing_requests_are_answered_with_500) {
  const Server dropping([](const Request&, const Responder&) {});
  EXPECT_EQ(dropping.first_line(get_close), "HTTP/1.1 500 Internal Server Error");
  const Server throwing([](const Request&, const Responder&) { throw std::runtime_error("no"); });
  EXPECT_EQ(throwing.first_line(get_close), "HTTP/1.1 500 Internal Server Error");
}

TEST(HttpServer, second_answer_is_ignored) {
  const Server server([](const Request&, const Responder& respond) {
    respond({200, "", "first", {}});
    respond({200, "", "second", {}});
  });
  EXPECT_TRUE(server.answer(get_close).ends_with("\r\n\r\nfirst"));
}

TEST(HttpServer, stops_with_open_connections_and_unanswered_requests) {
  std::promise<Responder> asked;
  std::optional<Responder> kept;
  {
    Server server([&](const Request&, const Responder& respond) { asked.set_value(respond); });
    RawClient idle(server.port());
    RawClient waiting(server.port());
    waiting.send(get_close);
    kept = asked.get_future().get();
    server.stop();
    EXPECT_EQ(waiting.read_all(), "");
    EXPECT_EQ(idle.read_all(), "");
    server.stop();
  }
  (*kept)({200, "", "too late", {}});
}

TEST(HttpServer, taken_port_and_bad_address_are_one_sentence) {
  const Server server;
  HttpServer other(echo, {});
  EXPECT_EQ(
      other.start("127.0.0.1", server.port(), 1).error().message,
      "cannot listen on 127.0.0.1:" + std::to_string(server.port()) + ": Address already in use");
  EXPECT_EQ(other.start("nowhere", 0, 1).error().message,
            "cannot listen on nowhere:0: that is not an address");
  EXPECT_TRUE(other.start("127.0.0.1", 0, 1));
}

}  // namespace
}  // namespace mesolite::http

#include "kernel/http/server.hpp"

#if defined(__SANITIZE_THREAD__)
// gcc's thread sanitizer does not know fences; Asio's queues are guarded by mutexes as well.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK 1
#endif

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "mesolite/base/check.hpp"
#include "mesolite/base/guarded_file.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Plain = beast::tcp_stream;
using Encrypted = beast::ssl_stream<beast::tcp_stream>;
using Strand = asio::strand<asio::io_context::executor_type>;

// What is read and thrown away of a client that was refused, so that it can read why before its
// connection is reset.
constexpr std::size_t linger_size_max = std::size_t{1} << 20;
constexpr auto linger_timeout = std::chrono::seconds(2);
constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr std::size_t read_size = 4096;

// The answer to what the parser refused, or nothing when there is nobody to answer.
std::optional<Response> refusal(const error_code& problem) {
  using beast::http::error;
  if (problem == error::header_limit || problem == error::buffer_overflow) {
    return error_response(431, "The head of the request is too large.");
  }
  if (problem == error::body_limit) {
    return error_response(413, "The body of the request is too large.");
  }
  const bool gone = problem == error::end_of_stream || problem == error::partial_message;
  if (gone || problem.category() != make_error_code(error::bad_method).category()) {
    return std::nullopt;
  }
  return error_response(400, "The request is not HTTP: " + problem.message() + ".");
}

std::string text_of(beast::string_view view) {
  return std::string(view.data(), view.size());
}

// What browsers and tools of today speak, and nothing older.
Result<std::shared_ptr<ssl::context>> make_context(const Tls& tls) {
  const auto key = read_secret_file("TLS key", tls.key);
  if (!key) return tl::unexpected(key.error());
  const auto chain = read_guarded_file("TLS certificate", tls.certificate);
  if (!chain) return tl::unexpected(chain.error());
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
  error_code problem;
  context->use_certificate_chain(asio::buffer(*chain), problem);
  if (problem) {
    return failure("TLS certificate '" + tls.certificate.string() + "': " + problem.message());
  }
  context->use_private_key(asio::buffer(*key), ssl::context::pem, problem);
  if (!problem) return context;
  return failure("TLS key '" + tls.key.string() + "': " + problem.message());
}

}  // namespace

// One connection, whatever it is made of. [any thread]
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void start() = 0;
  virtual void close() = 0;
};

// The same over a stream, plain or encrypted. Everything but the constructor runs on its strand.
//
//   (handshake) ─> await_request ─> read_head ─> read_body ─> (handler) ─> write ─┬─> await_request
//                                       └── refused ───────────────────> write ─┴─> part ─> gone
template <class Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
 public:
  // `owner` keeps what the socket lives in; `done` tells that the session has ended.
  using Done = std::function<void(const std::shared_ptr<Connection>&)>;
  template <class... StreamArguments>
  Session(const Handler& handler, const ServerLimits& limits, std::shared_ptr<void> owner,
          Done done, StreamArguments&&... arguments)
      : owner_(std::move(owner)),
        handler_(handler),
        limits_(limits),
        done_(std::move(done)),
        stream_(std::forward<StreamArguments>(arguments)...) {}

  void start() override {
    asio::dispatch(stream_.get_executor(), [self = self()] { self->begin(); });
  }

  void close() override {
    asio::post(stream_.get_executor(), [self = self()] { self->transport().close(); });
  }

 private:
  static constexpr bool encrypted = std::is_same_v<Stream, Encrypted>;

  std::shared_ptr<Session> self() { return this->shared_from_this(); }
  beast::tcp_stream& transport() { return beast::get_lowest_layer(stream_); }

  void begin() {
    if constexpr (encrypted) {
      transport().expires_after(limits_.head_timeout);
      stream_.async_handshake(ssl::stream_base::server, [self = self()](error_code problem) {
        if (problem) return self->finish();
        self->await_request(self->limits_.head_timeout);
      });
    } else {
      await_request(limits_.head_timeout);
    }
  }

  void await_request(Duration patience) {
    if (buffer_.size() > 0) return read_head();
    transport().expires_after(patience);
    stream_.async_read_some(buffer_.prepare(read_size),
                            [self = self()](error_code problem, std::size_t size) {
                              if (problem) return self->finish();
                              self->buffer_.commit(size);
                              self->read_head();
                            });
  }

  void read_head() {
    head_only_ = false;
    version_ = 11;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits_.head_size_max));
    parser_->body_limit(limits_.body_size_max);
    transport().expires_after(limits_.head_timeout);
    beast::http::async_read_header(stream_, buffer_, *parser_,
                                   [self = self()](error_code problem, std::size_t) {
                                     if (problem) return self->refuse(problem);
                                     self->expect_body();
                                   });
  }

  void expect_body() {
    const auto expectation = parser_->get()[beast::http::field::expect];
    if (!beast::iequals(expectation, "100-continue")) return read_body();
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(go_on.data(), go_on.size()),
                      [self = self()](error_code problem, std::size_t) {
                        if (problem) return self->finish();
                        self->read_body();
                      });
  }

  void read_body() {
    transport().expires_after(limits_.body_timeout);
    beast::http::async_read(stream_, buffer_, *parser_,
                            [self = self()](error_code problem, std::size_t) {
                              if (problem) return self->refuse(problem);
                              self->handle();
                            });
  }

  void refuse(const error_code& problem) {
    std::optional<Response> answer = refusal(problem);
    if (!answer) return finish();
    keep_alive_ = false;
    write(std::move(*answer));
  }

  void handle() {
    transport().expires_never();
    beast::http::request<beast::http::string_body> message = parser_->release();
    keep_alive_ = message.keep_alive();
    version_ = message.version();
    head_only_ = message.method() == beast::http::verb::head;
    Request request;
    request.method = text_of(message.method_string());
    for (const auto& field : message) {
      request.headers[lower(text_of(field.name_string()))] = text_of(field.value());
    }
    error_code ignored;
    request.peer = transport().socket().remote_endpoint(ignored).address().to_string();
    request.body = std::move(message.body());
    if (const Status valid = parse_target(text_of(message.target()), request); !valid) {
      return write(error_response(400, valid.error().message));
    }
    call_handler(request);
  }

  void call_handler(const Request& request) {
    // A late answer must not keep the session alive, nor reach it on another thread.
    const Responder respond([weak = this->weak_from_this()](Response response) {
      const std::shared_ptr<Session> self = weak.lock();
      if (!self) return;
      asio::post(self->stream_.get_executor(), [weak, late = std::move(response)]() mutable {
        if (const std::shared_ptr<Session> alive = weak.lock()) alive->write(std::move(late));
      });
    });
    try {
      handler_(request, respond);
    } catch (const std::exception& problem) {
      respond(error_response(500, std::string("The request failed: ") + problem.what()));
    }
  }

  void write(Response response) {
    response_.emplace();
    response_->version(version_);
    response_->result(static_cast<unsigned>(response.status));
    response_->reason(std::string(status_text(response.status)));
    if (!response.content_type.empty()) {
      response_->set(beast::http::field::content_type, response.content_type);
    }
    for (const auto& [name, value] : response.headers) response_->insert(name, value);
    response_->keep_alive(keep_alive_);
    response_->content_length(response.body.size());
    // The length is that of the body that GET would have got.
    if (!head_only_) response_->body() = std::move(response.body);
    serializer_.emplace(*response_);
    serializer_->split(head_only_);
    transport().expires_after(limits_.write_timeout);
    const auto written = [self = self()](error_code problem, std::size_t) {
      self->on_written(problem);
    };
    if (head_only_) {
      beast::http::async_write_header(stream_, *serializer_, written);
    } else {
      beast::http::async_write(stream_, *serializer_, written);
    }
  }

  void on_written(const error_code& problem) {
    serializer_.reset();
    response_.reset();
    if (problem) return finish();
    if (keep_alive_) return await_request(limits_.idle_timeout);
    transport().expires_after(linger_timeout);
    if constexpr (encrypted) {
      stream_.async_shutdown([self = self()](error_code) { self->part(); });
    } else {
      part();
    }
  }

  void part() {
    error_code ignored;
    transport().socket().shutdown(tcp::socket::shutdown_send, ignored);
    linger(0);
  }

  void linger(std::size_t drained) {
    buffer_.clear();
    transport().async_read_some(buffer_.prepare(read_size),
                                [self = self(), drained](error_code problem, std::size_t size) {
                                  if (problem || drained > linger_size_max) return self->finish();
                                  self->linger(drained + size);
                                });
  }

  void finish() {
    transport().close();
    done_(self());
  }

  const std::shared_ptr<void> owner_;  // before stream_, which lives in it
  const Handler& handler_;
  const ServerLimits& limits_;
  const Done done_;
  Stream stream_;
  // Holds one head and what follows it of a body or of later requests.
  beast::flat_buffer buffer_{limits_.head_size_max + 2 * read_size};
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  std::optional<beast::http::response<beast::http::string_body>> response_;
  std::optional<beast::http::response_serializer<beast::http::string_body>> serializer_;
  bool keep_alive_ = false;
  bool head_only_ = false;
  unsigned version_ = 11;
};

// What the threads run on. Its members below strand_ are used on that strand only.
class HttpServer::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(Handler handler, ServerLimits limits, Tls tls)
      : handler_(std::move(handler)), limits_(limits), tls_(std::move(tls)) {}

  Result<std::uint16_t> start(const std::string& ip, std::uint16_t port, int threads) {
    MESOLITE_CHECK(threads_.empty(), "an HTTP server starts once");
    if (!tls_.certificate.empty()) {
      auto context = make_context(tls_);
      if (!context) return tl::unexpected(context.error());
      encryption_ = std::move(*context);
    }
    const std::string where = "cannot listen on " + ip + ":" + std::to_string(port);
    error_code problem;
    const auto address = asio::ip::make_address(ip, problem);
    if (problem) return failure(where + ": that is not an address");
    const tcp::endpoint endpoint(address, port);
    acceptor_.open(endpoint.protocol(), problem);
    if (!problem) acceptor_.set_option(tcp::acceptor::reuse_address(true), problem);
    if (!problem) acceptor_.bind(endpoint, problem);
    if (!problem) acceptor_.listen(asio::socket_base::max_listen_connections, problem);
    if (problem) {
      error_code ignored;
      acceptor_.close(ignored);
      return failure(where + ": " + problem.message());
    }
    const std::uint16_t bound = acceptor_.local_endpoint().port();
    asio::post(strand_, [self = shared_from_this()] { self->accept(); });
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
    return bound;
  }

  void stop() {
    asio::post(strand_, [this] { close_all(); });
    // With the sockets closed, the work runs out and the threads return.
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void run() {
    // Only a lack of memory throws here; the session it hit is gone, the others go on.
    for (bool running = true; running;) {
      try {
        context_.run();
        running = false;
      } catch (const std::exception&) {
      }
    }
  }

  void accept() {
    acceptor_.async_accept(
        asio::make_strand(context_),
        asio::bind_executor(strand_, [this](error_code problem, tcp::socket socket) {
          if (stopping_) return;
          if (problem) return pause_accepting();
          welcome(std::move(socket));
          accept();
        }));
  }

  // Out of descriptors or memory: trying again at once would only burn the processor.
  void pause_accepting() {
    pause_.expires_after(accept_pause);
    pause_.async_wait(asio::bind_executor(strand_, [this](error_code) {
      if (!stopping_) accept();
    }));
  }

  void welcome(tcp::socket socket) {
    if (sessions_.size() >= limits_.connections_max) return turn_away(std::move(socket));
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto done = [weak = weak_from_this()](const std::shared_ptr<Connection>& session) {
      const std::shared_ptr<Core> core = weak.lock();
      if (!core) return;
      asio::post(core->strand_, [raw = core.get(), session] { raw->sessions_.erase(session); });
    };
    std::shared_ptr<Connection> session;
    if (encryption_) {
      session = std::make_shared<Session<Encrypted>>(handler_, limits_, shared_from_this(), done,
                                                     std::move(socket), *encryption_);
    } else {
      session = std::make_shared<Session<Plain>>(handler_, limits_, shared_from_this(), done,
                                                 std::move(socket));
    }
    sessions_.insert(session);
    session->start();
  }

  static void turn_away(tcp::socket socket) {
    static constexpr std::string_view answer =
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(answer.data(), answer.size()), ignored);
    socket.shutdown(tcp::socket::shutdown_both, ignored);
  }

  void close_all() {
    stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    for (const std::shared_ptr<Connection>& session : sessions_) session->close();
    // Sessions that wait for an answer from elsewhere end here, the others with their reads.
    sessions_.clear();
  }

  const Handler handler_;
  const ServerLimits limits_;
  const Tls tls_;
  std::shared_ptr<ssl::context> encryption_;  // null: plain
  asio::io_context context_;
  Strand strand_ = asio::make_strand(context_);
  tcp::acceptor acceptor_{context_};
  asio::steady_timer pause_{context_};
  bool stopping_ = false;
  std::unordered_set<std::shared_ptr<Connection>> sessions_;
  std::vector<std::thread> threads_;  // used by start() and stop() only
};

HttpServer::HttpServer(Handler handler, ServerLimits limits, Tls tls)
    : core_(std::make_shared<Core>(std::move(handler), limits, std::move(tls))) {}

HttpServer::~HttpServer() {
  stop();
}

Result<std::uint16_t> HttpServer::start(const std::string& ip, std::uint16_t port, int threads) {
  return core_->start(ip, port, threads);
}

void HttpServer::stop() {
  core_->stop();
}

}  // namespace mesolite::http

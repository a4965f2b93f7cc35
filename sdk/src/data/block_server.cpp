#include "mesolite/data/block_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "block_protocol.hpp"
#include "mesolite/data/buffer.hpp"
#include "mesolite/data/file.hpp"
#include "socket.hpp"

namespace mesolite::data {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int events_max = 64;
constexpr std::chrono::milliseconds housekeeping_interval{1000};

// Compares in a time that does not tell how much of a guess was right.
bool equal_secrets(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  }
  return difference == 0;
}

// One client: either collecting a request or sending the reply to it, never both.
struct Connection {
  Socket socket;
  SteadyTime last_active;
  std::string request;  // what has come of it
  Buffer reply;
  std::size_t reply_size = 0;
  std::size_t reply_sent = 0;
  bool close_after_reply = false;
  // The file that it reads from; readers ask for one block after another.
  File file;

  bool sending() const { return reply_sent < reply_size; }
};

class EpollBlockServer final : public BlockServer {
 public:
  EpollBlockServer(BlockServerOptions options, Socket listener, Socket poller, Socket wake)
      : options_(std::move(options)),
        listener_(std::move(listener)),
        poller_(std::move(poller)),
        wake_(std::move(wake)),
        port_(local_port(listener_)) {
    watch(listener_.descriptor(), EPOLLIN, EPOLL_CTL_ADD);
    watch(wake_.descriptor(), EPOLLIN, EPOLL_CTL_ADD);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }

  ~EpollBlockServer() override {
    thread_.request_stop();
    eventfd_write(wake_.descriptor(), 1);
  }

  std::uint16_t port() const override { return port_; }

  void publish(const std::string& name, BlockLocation location) override {
    const std::lock_guard lock(blocks_mutex_);
    blocks_.insert_or_assign(name, std::move(location));
  }

  void withdraw(std::string_view prefix) override {
    const std::lock_guard lock(blocks_mutex_);
    const auto first = blocks_.lower_bound(prefix);
    auto last = first;
    while (last != blocks_.end() && last->first.starts_with(prefix)) ++last;
    blocks_.erase(first, last);
  }

  std::optional<BlockLocation> find(std::string_view name) const override {
    const std::lock_guard lock(blocks_mutex_);
    const auto found = blocks_.find(name);
    return found == blocks_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  void serve(const std::stop_token& stop);
  void watch(int descriptor, std::uint32_t events, int operation);
  void accept_all();
  void turn(int descriptor, std::uint32_t events);
  // Each answers whether the connection is to stay open.
  bool receive(Connection& connection);
  bool send_reply(Connection& connection);
  bool answer(Connection& connection);
  void fill_reply(Connection& connection, const BlockRequest& request);
  void refuse(Connection& connection, BlockStatus status);
  BlockStatus read_window(Connection& connection, const BlockRequest& request, BlockReply& reply);
  void keep_house(SteadyTime now);

  const BlockServerOptions options_;
  Socket listener_;
  Socket poller_;
  Socket wake_;
  const std::uint16_t port_;
  // These three: [server thread]
  std::unordered_map<int, Connection> connections_;
  SteadyTime house_kept_ = std::chrono::steady_clock::now();
  bool accepting_ = true;  // false: the process is out of descriptors, and waits for some
  // Guards blocks_, which the job's threads change while the server thread looks names up. Held for
  // one map operation, never during input or output.
  mutable std::mutex blocks_mutex_;
  std::map<std::string, BlockLocation, std::less<>> blocks_;
  std::jthread thread_;  // last: ends before what it uses
};

void EpollBlockServer::watch(int descriptor, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  epoll_ctl(poller_.descriptor(), operation, descriptor, &event);
}

void EpollBlockServer::serve(const std::stop_token& stop) {
  std::array<epoll_event, events_max> events{};
  while (!stop.stop_requested()) {
    const int count = epoll_wait(poller_.descriptor(), events.data(), events_max,
                                 static_cast<int>(housekeeping_interval.count()));
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd == listener_.descriptor()) {
        accept_all();
      } else if (event.data.fd != wake_.descriptor()) {
        turn(event.data.fd, event.events);
      }
    }
    keep_house(std::chrono::steady_clock::now());
  }
}

void EpollBlockServer::accept_all() {
  while (true) {
    Socket socket(accept4(listener_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) {
      accepting_ = errno != EMFILE && errno != ENFILE;
      if (!accepting_) watch(listener_.descriptor(), 0, EPOLL_CTL_MOD);
      return;
    }
    // The client sees a closed connection and comes back after its pause.
    if (connections_.size() >= options_.connections_max) continue;
    const int on = 1;
    setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int descriptor = socket.descriptor();
    Connection& connection = connections_[descriptor];
    connection.socket = std::move(socket);
    connection.last_active = std::chrono::steady_clock::now();
    watch(descriptor, EPOLLIN, EPOLL_CTL_ADD);
  }
}

void EpollBlockServer::turn(int descriptor, std::uint32_t events) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  const bool was_sending = connection.sending();
  bool open = (events & (EPOLLIN | EPOLLOUT)) != 0;
  if (open) open = was_sending ? send_reply(connection) : receive(connection);
  if (!open) {
    connections_.erase(found);
    return;
  }
  connection.last_active = std::chrono::steady_clock::now();
  if (connection.sending() != was_sending) {
    watch(descriptor, connection.sending() ? EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
  }
}

bool EpollBlockServer::receive(Connection& connection) {
  std::array<char, 1024> bytes;
  const ssize_t got = recv(connection.socket.descriptor(), bytes.data(), bytes.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  connection.request.append(bytes.data(), static_cast<std::size_t>(got));
  return answer(connection);
}

bool EpollBlockServer::answer(Connection& connection) {
  if (connection.request.size() < request_head_size) return true;
  const auto tail = request_tail_size(connection.request);
  if (!tail) {
    refuse(connection, BlockStatus::bad_request);
    return send_reply(connection);
  }
  const std::size_t size = request_head_size + *tail;
  if (connection.request.size() < size) return true;
  const BlockRequest request = decode_request(connection.request);
  connection.request.erase(0, size);
  if (!equal_secrets(request.token, options_.token)) {
    refuse(connection, BlockStatus::wrong_token);
  } else {
    fill_reply(connection, request);
  }
  return send_reply(connection);
}

void EpollBlockServer::refuse(Connection& connection, BlockStatus status) {
  connection.reply.reserve(reply_head_size);
  const BlockReplyHead head = encode(BlockReply{.status = status});
  std::copy(head.begin(), head.end(), connection.reply.data());
  connection.reply_size = head.size();
  connection.reply_sent = 0;
  connection.close_after_reply = true;
}

void EpollBlockServer::fill_reply(Connection& connection, const BlockRequest& request) {
  BlockReply reply;
  reply.status = read_window(connection, request, reply);
  if (reply.status != BlockStatus::ok) {
    reply.payload_size = 0;
    connection.reply.reserve(reply_head_size);
  }
  reply.checksum =
      payload_checksum({connection.reply.data() + reply_head_size, reply.payload_size});
  const BlockReplyHead head = encode(reply);
  std::copy(head.begin(), head.end(), connection.reply.data());
  connection.reply_size = head.size() + reply.payload_size;
  connection.reply_sent = 0;
}

BlockStatus EpollBlockServer::read_window(Connection& connection, const BlockRequest& request,
                                          BlockReply& reply) {
  BlockLocation location;
  {
    const std::lock_guard lock(blocks_mutex_);
    const auto found = blocks_.find(request.name);
    if (found == blocks_.end()) return BlockStatus::no_such_block;
    location = found->second;
  }
  if (request.offset > location.length) return BlockStatus::bad_request;
  if (!connection.file.is_open() || connection.file.path() != location.path) {
    auto file = File::open(location.path);
    if (!file) return BlockStatus::unreadable;
    connection.file = std::move(*file);
  }
  const auto size = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(request.window, location.length - request.offset));
  connection.reply.reserve(reply_head_size + size);
  const auto got = connection.file.read_at(location.offset + request.offset,
                                           connection.reply.data() + reply_head_size, size);
  if (!got || *got != size) return BlockStatus::unreadable;
  reply.block_size = location.length;
  reply.payload_size = size;
  return BlockStatus::ok;
}

bool EpollBlockServer::send_reply(Connection& connection) {
  while (connection.sending()) {
    const ssize_t put =
        send(connection.socket.descriptor(), connection.reply.data() + connection.reply_sent,
             connection.reply_size - connection.reply_sent, MSG_NOSIGNAL);
    if (put < 0) return errno == EAGAIN || errno == EINTR;
    connection.reply_sent += static_cast<std::size_t>(put);
  }
  if (connection.close_after_reply) return false;
  // The next request may have come in one piece with this one.
  return answer(connection);
}

void EpollBlockServer::keep_house(SteadyTime now) {
  if (now - house_kept_ < housekeeping_interval) return;
  house_kept_ = now;
  std::erase_if(connections_, [&](const auto& entry) {
    return now - entry.second.last_active > options_.idle_timeout;
  });
  if (!accepting_) watch(listener_.descriptor(), EPOLLIN, EPOLL_CTL_MOD);
  accepting_ = true;
}

}  // namespace

Result<std::unique_ptr<BlockServer>> BlockServer::start(BlockServerOptions options) {
  if (options.token.empty() || options.token.size() > block_token_size_max) {
    return failure("cannot serve blocks: the token must have 1 to " +
                   std::to_string(block_token_size_max) + " bytes");
  }
  auto listener = listen_on(options.ip);
  if (!listener) return failure("cannot serve blocks", listener.error());
  Socket poller(epoll_create1(EPOLL_CLOEXEC));
  Socket wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!poller.is_open() || !wake.is_open()) return system_failure("cannot serve blocks", errno);
  return std::make_unique<EpollBlockServer>(std::move(options), std::move(*listener),
                                            std::move(poller), std::move(wake));
}

}  // namespace mesolite::data

#include "forwarder.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <utility>

namespace mesolite::network_namespace {
namespace {

constexpr std::size_t piece_bytes = 64u << 10;
constexpr int backlog = 128;

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

}  // namespace

class Forwarder::Loop {
 public:
  class Socket {
   public:
    Socket() = default;
    explicit Socket(int number) : number_(number) {}
    Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
      std::swap(number_, other.number_);
      return *this;
    }
    ~Socket() {
      if (number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }

   private:
    int number_ = -1;
  };

  static Socket tcp_socket() {
    return Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  }

  explicit Loop(std::size_t connections_max)
      : connections_max_(connections_max),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        thread_([this] { run(); }) {}

  ~Loop() {
    post([this] { stopping_ = true; });
    thread_.join();
  }

  // [any thread]
  void post(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      work_.push_back(std::move(work));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.number(), &one, sizeof one);
  }

  // [its own thread]
  void listen(const ContainerId& container, Socket socket, std::uint32_t target,
              std::uint16_t port) {
    const int number = socket.number();
    listeners_[number] = {container, std::move(socket), target, port};
    watch(number, EPOLLIN, EPOLL_CTL_ADD);
  }
  void remove(const ContainerId& container) {
    std::erase_if(listeners_,
                  [&](const auto& entry) { return entry.second.container == container; });
    std::vector<std::shared_ptr<Connection>> ended;
    for (const auto& [number, connection] : connections_) {
      if (connection->container == container) ended.push_back(connection);
    }
    for (const auto& connection : ended) drop(*connection);
  }

 private:
  // What was read on one side and not yet written on the other.
  struct Flow {
    std::string waiting;
    bool ended = false;  // the reading side has nothing more
    bool shut = false;   // and the writing side has been told
  };

  struct Listener {
    ContainerId container;
    Socket socket;
    std::uint32_t target = 0;
    std::uint16_t port = 0;
  };
  struct Connection {
    ContainerId container;
    std::array<Socket, 2> sides;  // who has connected, and the container
    std::array<Flow, 2> flows;    // from each of them
  };

  void run() {
    watch(wake_.number(), EPOLLIN, EPOLL_CTL_ADD);
    std::array<epoll_event, 64> events{};
    while (!stopping_) {
      const int count =
          ::epoll_wait(epoll_.number(), events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)].data.fd);
    }
  }

  void watch(int number, std::uint32_t events, int operation) {
    epoll_event event{};
    event.events = events;
    event.data.fd = number;
    ::epoll_ctl(epoll_.number(), operation, number, &event);
  }

  void handle(int number) {
    if (number == wake_.number()) return run_work();
    if (const auto listener = listeners_.find(number); listener != listeners_.end()) {
      return accept(listener->second);
    }
    const auto known = connections_.find(number);
    if (known == connections_.end()) return;  // ended earlier in this turn
    const auto connection = known->second;
    for (std::size_t side = 0; side < 2; ++side) {
      if (!pump(*connection, side)) return drop(*connection);
    }
    if (connection->flows[0].shut && connection->flows[1].shut) return drop(*connection);
    for (std::size_t side = 0; side < 2; ++side) follow(*connection, side);
  }

  void run_work() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(wake_.number(), &count, sizeof count);
    std::vector<std::function<void()>> work;
    {
      const std::lock_guard lock(mutex_);
      work.swap(work_);
    }
    for (const auto& each : work) each();
  }

  void accept(const Listener& listener) {
    Socket from(
        ::accept4(listener.socket.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (from.number() < 0 || connections_.size() >= 2 * connections_max_) return;
    Socket to = tcp_socket();
    const sockaddr_in address = address_of(listener.target, listener.port);
    if (::connect(to.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
      return;
    }
    auto connection = std::make_shared<Connection>();
    connection->container = listener.container;
    connection->sides = {std::move(from), std::move(to)};
    for (const Socket& side : connection->sides) {
      connections_[side.number()] = connection;
      watch(side.number(), EPOLLIN, EPOLL_CTL_ADD);
    }
  }

  // Moves what can be moved from one side to the other; false if the connection is broken.
  bool pump(Connection& connection, std::size_t side) {
    Flow& flow = connection.flows[side];
    const int from = connection.sides[side].number();
    const int to = connection.sides[1 - side].number();
    if (flow.waiting.empty() && !flow.ended) {
      flow.waiting.resize(piece_bytes);
      const ssize_t count = ::read(from, flow.waiting.data(), flow.waiting.size());
      const bool later = count < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN);
      flow.waiting.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
      if (count < 0 && !later) return false;
      flow.ended = count == 0;
    }
    if (!flow.waiting.empty()) {
      const ssize_t count = ::send(to, flow.waiting.data(), flow.waiting.size(), MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN) return false;
      if (count > 0) flow.waiting.erase(0, static_cast<std::size_t>(count));
    }
    if (flow.ended && flow.waiting.empty() && !std::exchange(flow.shut, true)) {
      ::shutdown(to, SHUT_WR);
    }
    return true;
  }

  // A side is read while what it said has been passed on, and written when something waits for it.
  void follow(const Connection& connection, std::size_t side) {
    std::uint32_t events = 0;
    if (connection.flows[side].waiting.empty() && !connection.flows[side].ended) events |= EPOLLIN;
    if (!connection.flows[1 - side].waiting.empty()) events |= EPOLLOUT;
    watch(connection.sides[side].number(), events, EPOLL_CTL_MOD);
  }

  void drop(const Connection& connection) {
    const int numbers[] = {connection.sides[0].number(), connection.sides[1].number()};
    for (const int number : numbers) connections_.erase(number);  // the last one closes both
  }

  const std::size_t connections_max_;
  Socket epoll_;
  Socket wake_;
  std::mutex mutex_;
  std::vector<std::function<void()>> work_;
  bool stopping_ = false;
  std::map<int, Listener> listeners_;
  std::map<int, std::shared_ptr<Connection>> connections_;  // by each of their two sockets
  std::thread thread_;
};

Forwarder::Forwarder(std::size_t connections_max)
    : loop_(std::make_unique<Loop>(connections_max)) {}

Forwarder::~Forwarder() = default;

Status Forwarder::forward(const ContainerId& container, std::uint32_t host, std::uint16_t port,
                          std::uint32_t target) {
  Loop::Socket socket = Loop::tcp_socket();
  const int yes = 1;
  ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = address_of(host, port);
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.number(), backlog) != 0) {
    return system_failure("cannot listen on port " + std::to_string(port), errno);
  }
  // std::function wants to copy what it holds.
  auto shared = std::make_shared<Loop::Socket>(std::move(socket));
  loop_->post([this, container, shared, target, port] {
    loop_->listen(container, std::move(*shared), target, port);
  });
  return {};
}

void Forwarder::remove(const ContainerId& container) {
  loop_->post([this, container] { loop_->remove(container); });
}

}  // namespace mesolite::network_namespace

// Echo through the bus beside echo through bare ZeroMQ sockets of the same run: messages a second,
// and the latency of one, with so many messages under way.
#include <benchmark/benchmark.h>
#include <zmq.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

#include "sdk/net/bus.hpp"
#include "sdk/net/frame.hpp"

namespace mesolite::net {
namespace {

Message small_message() {
  return KillTask{TaskId("mini-spark-stage-17-task-4711"), AgentId("cluster-A17"), {}};
}

// Sends every message back.
class Echo final : public BusServer::Handler {
 public:
  Echo() : server_(reactor_, *this), endpoint_(server_.bind("tcp://127.0.0.1:0").value()) {
    thread_ = std::thread([this] { reactor_.run(); });
  }
  ~Echo() override {
    reactor_.stop();
    thread_.join();
  }
  const std::string& endpoint() const { return endpoint_; }

 private:
  void received(PeerId peer, Message message) override { server_.send(peer, message); }
  void peer_lost(PeerId) override {}

  Reactor reactor_;
  BusServer server_;
  std::string endpoint_;
  std::thread thread_;
};

// Sends so many at once and waits until all are back.
class Caller final : public BusClient::Handler {
 public:
  explicit Caller(const std::string& endpoint) : client_(reactor_, *this) {
    thread_ = std::thread([this] { reactor_.run(); });
    reactor_.post([this, endpoint] { std::ignore = client_.connect(endpoint); });
    connected_.get_future().wait();
  }
  ~Caller() override {
    reactor_.stop();
    thread_.join();
  }
  void call(int count) {
    std::promise<void> done;
    reactor_.post([&] {
      left_ = count;
      done_ = &done;
      for (int i = 0; i < count; ++i) std::ignore = client_.send(message_);
    });
    done.get_future().wait();
  }

 private:
  void connected() override { connected_.set_value(); }
  void disconnected() override {}
  void received(Message, std::uint64_t) override {
    if (--left_ == 0) done_->set_value();
  }

  Reactor reactor_;
  BusClient client_;
  std::thread thread_;
  std::promise<void> connected_;
  const Message message_ = small_message();
  int left_ = 0;
  std::promise<void>* done_ = nullptr;
};

void bus_echo(benchmark::State& state) {
  Echo echo;
  Caller caller(echo.endpoint());
  const auto count = static_cast<int>(state.range(0));
  for ([[maybe_unused]] auto round : state) caller.call(count);
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(bus_echo)->Arg(1)->Arg(100)->Arg(10'000)->UseRealTime();

// The same bytes, one ZeroMQ message each, nothing encoded or decoded.
void zeromq_echo(benchmark::State& state) {
  void* context = ::zmq_ctx_new();
  void* router = ::zmq_socket(context, ZMQ_ROUTER);
  void* dealer = ::zmq_socket(context, ZMQ_DEALER);
  for (void* socket : {router, dealer}) {
    const int unbounded = 0;
    ::zmq_setsockopt(socket, ZMQ_SNDHWM, &unbounded, sizeof unbounded);
    ::zmq_setsockopt(socket, ZMQ_RCVHWM, &unbounded, sizeof unbounded);
  }
  ::zmq_bind(router, "tcp://127.0.0.1:*");
  std::string endpoint(256, '\0');
  std::size_t size = endpoint.size();
  ::zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint.data(), &size);
  ::zmq_connect(dealer, endpoint.c_str());
  std::thread echo([router] {
    zmq_msg_t part;
    ::zmq_msg_init(&part);
    while (::zmq_msg_recv(&part, router, 0) >= 0) {
      const int more = ::zmq_msg_more(&part) != 0 ? ZMQ_SNDMORE : 0;
      if (more == 0 && ::zmq_msg_size(&part) == 0) break;
      ::zmq_msg_send(&part, router, more);
    }
    ::zmq_msg_close(&part);
  });
  FrameBuilder builder;
  std::ignore = builder.add(small_message());
  const std::string frame = builder.take();
  std::string back(frame.size(), '\0');
  for ([[maybe_unused]] auto round : state) {
    for (int i = 0; i < state.range(0); ++i) ::zmq_send(dealer, frame.data(), frame.size(), 0);
    for (int i = 0; i < state.range(0); ++i) ::zmq_recv(dealer, back.data(), back.size(), 0);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  ::zmq_send(dealer, "", 0, 0);
  echo.join();
  ::zmq_close(dealer);
  ::zmq_close(router);
  ::zmq_ctx_term(context);
}
BENCHMARK(zeromq_echo)->Arg(1)->Arg(100)->Arg(10'000)->UseRealTime();

}  // namespace
}  // namespace mesolite::net

BENCHMARK_MAIN();

// The two ends of a bus on threads of their own, recording what they are told, for tests that wait
// on a condition with a deadline.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sdk/net/bus.hpp"

namespace mesolite::net {

// Everything here ends long before it; a test that reaches it has failed.
inline constexpr auto patience = std::chrono::seconds(20);

// A reactor on a thread of its own.
class ReactorThread {
 public:
  ReactorThread() = default;
  ~ReactorThread() { stop(); }

  void start() {
    thread_ = std::thread([this] { reactor.run(); });
  }
  void stop() {
    reactor.stop();
    if (thread_.joinable()) thread_.join();
  }
  // Runs `work` on the reactor's thread and waits for it.
  template <class Work>
  auto run(Work work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    reactor.post([&task] { task(); });
    return result.get();
  }

  Reactor reactor;

 private:
  std::thread thread_;
};

// A value that one thread changes and another waits on.
template <class State>
class Watched {
 public:
  template <class Change>
  void change(Change&& change) {
    const std::lock_guard lock(mutex_);
    change(state_);
    changed_.notify_all();
  }
  // False when the condition has not come true in time.
  template <class Condition>
  bool wait(Condition&& condition, std::chrono::milliseconds limit = patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return condition(state_); });
  }
  State get() {
    const std::lock_guard lock(mutex_);
    return state_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  State state_;
};

struct ServerRecord {
  std::vector<std::pair<PeerId, Message>> received;
  std::vector<PeerId> lost;
  std::vector<std::string> cut_off;  // reasons
};

class ServerThread final : public BusServer::Handler {
 public:
  using React = std::function<void(BusServer&, PeerId, const Message&)>;

  explicit ServerThread(const std::string& wanted = "tcp://127.0.0.1:0", React react = {},
                        BusLimits limits = {})
      : react_(std::move(react)), server(thread_.reactor, *this, limits) {
    const auto bound = server.bind(wanted);
    EXPECT_TRUE(bound) << bound.error().message;
    endpoint = bound.value_or("");
    thread_.start();
  }
  ~ServerThread() override { thread_.stop(); }

  void received(PeerId peer, Message message) override {
    if (react_) react_(server, peer, message);
    record.change([&](ServerRecord& state) { state.received.emplace_back(peer, message); });
  }
  void peer_lost(PeerId peer) override {
    record.change([&](ServerRecord& state) { state.lost.push_back(peer); });
  }
  void cut_off(const std::string&, const std::string& reason) override {
    record.change([&](ServerRecord& state) { state.cut_off.push_back(reason); });
  }

  void send(PeerId peer, Message message) {
    thread_.run([&] { server.send(peer, message); });
  }
  void disconnect(PeerId peer) {
    thread_.run([&] { server.disconnect(peer); });
  }
  BusCounters counters() {
    return thread_.run([&] { return server.counters(); });
  }
  bool wait_received(std::size_t count) {
    return record.wait([&](const ServerRecord& state) { return state.received.size() >= count; });
  }
  bool wait_lost(std::size_t count, std::chrono::milliseconds limit = patience) {
    return record.wait([&](const ServerRecord& state) { return state.lost.size() >= count; },
                       limit);
  }
  bool wait_cut_off(std::size_t count) {
    return record.wait([&](const ServerRecord& state) { return state.cut_off.size() >= count; });
  }
  ReactorThread& thread() { return thread_; }

  std::string endpoint;
  Watched<ServerRecord> record;

 private:
  React react_;
  ReactorThread thread_;

 public:
  BusServer server;
};

struct ClientRecord {
  int connected = 0;
  int disconnected = 0;
  std::vector<Message> received;
};

class ClientThread final : public BusClient::Handler {
 public:
  explicit ClientThread(const std::string& endpoint) : client(thread_.reactor, *this) {
    thread_.start();
    const Status begun = thread_.run([&] { return client.connect(endpoint); });
    EXPECT_TRUE(begun) << begun.error().message;
  }
  ~ClientThread() override { thread_.stop(); }

  void connected() override {
    record.change([](ClientRecord& state) { ++state.connected; });
  }
  void disconnected() override {
    record.change([](ClientRecord& state) { ++state.disconnected; });
  }
  void received(Message message, std::uint64_t) override {
    record.change([&](ClientRecord& state) { state.received.push_back(message); });
  }

  void send(Message message) {
    thread_.run([&] { client.send(message); });
  }
  BusCounters counters() {
    return thread_.run([&] { return client.counters(); });
  }
  bool wait_connected(int times = 1) {
    return record.wait([&](const ClientRecord& state) { return state.connected >= times; });
  }
  bool wait_disconnected(int times = 1) {
    return record.wait([&](const ClientRecord& state) { return state.disconnected >= times; });
  }
  bool wait_received(std::size_t count) {
    return record.wait([&](const ClientRecord& state) { return state.received.size() >= count; });
  }
  ReactorThread& thread() { return thread_; }

  Watched<ClientRecord> record;

 private:
  ReactorThread thread_;

 public:
  BusClient client;
};

}  // namespace mesolite::net

// DriverShell: what the shells of both drivers have in common. A shell carries out what its session
// says, on the driver's thread; all its members but thread_ belong to that.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <variant>

#include "sdk/net/bus.hpp"
#include "sdk/net/reactor.hpp"
#include "sdk/src/framework/driver_thread.hpp"
#include "sdk/src/framework/session_outputs.hpp"

namespace mesolite {

// `Shell` derives from it and has an apply() for each output of its `Session` (one for Ended is
// here) and report(Error), which tells the author of the framework.
template <class Shell, class Session>
class DriverShell : public net::BusClient::Handler {
 public:
  DriverThread& thread() { return thread_; }

  // Lets `call(session, now)` run on the thread: at once, and without packing it up, where most
  // calls are made: in callbacks. [any thread]
  template <class Call>
  void act(Call call) {
    auto work = [this, call = std::move(call)]() mutable {
      if (session_) call(*session_, now());
    };
    thread_.is_current() ? work() : thread_.post(std::move(work));
  }

  // Work of the framework's author, guarded like a callback.
  std::function<void()> guarded(std::function<void()> work) {
    return [this, work = std::move(work)] { call(work); };
  }

 protected:
  // `flush_timeout`: how long what was said last may take to leave.
  explicit DriverShell(Duration flush_timeout)
      : flush_timeout_(flush_timeout), client_(thread_.reactor(), *this) {}
  // REQUIRES: finish() was called.
  ~DriverShell() override = default;

  // REQUIRES: session_ is there and has been started.
  void start_thread() {
    thread_.reactor().at_turn_end([this] { end_turn(); });
    thread_.reactor().add_deadline([this] { return session_->next_deadline(); });
    thread_.start();
  }

  // Waits for the end, which the session has been told to make.
  void finish() {
    if (thread_.status() == DriverStatus::running) thread_.join();
    thread_.finish();
    session_.reset();
  }

  Time now() { return thread_.reactor().now(); }

  void apply(const Ended& end) {
    if (end.status == DriverStatus::stopped) client_.flush(flush_timeout_);
    client_.close();
    thread_.end(end.status);
  }

  // A callback; one that throws ends the driver.
  void call(const std::function<void()>& work) {
    const auto problem = call_foreign(work);
    if (!problem) return;
    session_->abort();
    shell().report({*problem});
  }

 private:
  Shell& shell() { return static_cast<Shell&>(*this); }

  void connected() override { session_->connected(now()); }
  void disconnected() override { session_->disconnected(now()); }
  // Carried out message by message: what a burst brings need not be held all at once.
  void received(Message message, std::uint64_t) override {
    session_->received(now(), std::move(message));
    carry_out();
  }

  void end_turn() {
    session_->advance(now());
    carry_out();
    session_->end_turn();
    carry_out();
  }

  void carry_out() {
    for (auto outputs = session_->take(); !outputs.empty(); outputs = session_->take()) {
      for (auto& output : outputs) {
        std::visit([this](auto& value) { shell().apply(value); }, output);
      }
    }
  }

  const Duration flush_timeout_;

 protected:
  DriverThread thread_;
  net::BusClient client_;
  std::optional<Session> session_;
};

}  // namespace mesolite

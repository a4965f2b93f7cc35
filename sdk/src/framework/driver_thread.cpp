#include "sdk/src/framework/driver_thread.hpp"

#include <exception>
#include <utility>

#include "mesolite/base/check.hpp"
#include "sdk/net/reactor.hpp"

namespace mesolite {

DriverThread::DriverThread() : reactor_(std::make_unique<net::Reactor>()) {}

DriverThread::~DriverThread() {
  MESOLITE_CHECK(!thread_.joinable(), "a driver ends its thread before itself");
}

void DriverThread::start() {
  MESOLITE_CHECK(status_ == DriverStatus::not_started, "a driver is started once");
  status_ = DriverStatus::running;
  thread_ = std::thread([this] {
    id_ = std::this_thread::get_id();
    reactor_->run();
  });
}

void DriverThread::finish() {
  MESOLITE_CHECK(!is_current(), "a driver is not destroyed by its own callbacks");
  reactor_->stop();
  if (thread_.joinable()) thread_.join();
}

DriverStatus DriverThread::join() {
  MESOLITE_CHECK(!is_current(), "a driver is not joined by its own callbacks");
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return status_ != DriverStatus::running; });
  return status_;
}

void DriverThread::end(DriverStatus status) {
  {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  ended_.notify_all();
  reactor_->stop();
}

void DriverThread::run(std::function<void()> work) {
  is_current() ? work() : reactor_->post(std::move(work));
}

void DriverThread::post(std::function<void()> work) {
  reactor_->post(std::move(work));
}

void DriverThread::post_after(Duration delay, std::function<void()> work) {
  run([this, delay, work = std::move(work)]() mutable {
    reactor_->at(reactor_->now() + delay, std::move(work));
  });
}

std::optional<std::string> call_foreign(const std::function<void()>& work) {
  try {
    work();
    return std::nullopt;
  } catch (const std::exception& exception) {
    return std::string("a callback threw: ") + exception.what();
  } catch (...) {
    return "a callback threw something that is no std::exception";
  }
}

}  // namespace mesolite

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "mesolite/framework/driver.hpp"
#include "sdk/net/bus.hpp"
#include "sdk/net/reactor.hpp"
#include "sdk/src/framework/client_authentication.hpp"
#include "sdk/src/framework/driver_thread.hpp"
#include "sdk/src/framework/sandbox_session.hpp"

namespace mesolite {

// The shell: carries out what the session says. All members but result_ belong to its thread.
class SandboxReader::Implementation final : public net::BusClient::Handler {
 public:
  Implementation(SandboxFile file, Sink sink, const SchedulerOptions& identity)
      : sink_(std::move(sink)), client_(reactor_, *this) {
    auto authentication = make_client_authentication(identity);
    auto keys = client_keys(identity);
    if (!authentication || !keys) {
      result_ = tl::unexpected(authentication ? keys.error() : authentication.error());
      return;
    }
    client_.secure(std::move(*keys));
    authentication_ = std::move(*authentication);
    session_.emplace(std::move(file), identity, *authentication_);
    session_->start(reactor_.now());
    reactor_.at_turn_end([this] { end_turn(); });
    reactor_.add_deadline([this] { return session_->next_deadline(); });
    thread_ = std::thread([this] { reactor_.run(); });
  }

  ~Implementation() override {
    reactor_.stop();
    if (thread_.joinable()) thread_.join();
  }

  // [any thread but the reader's]
  Status wait() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return result_.has_value(); });
    return *result_;
  }

 private:
  void connected() override { session_->connected(reactor_.now()); }
  void disconnected() override { session_->disconnected(reactor_.now()); }
  void received(Message message, std::uint64_t) override {
    session_->received(reactor_.now(), std::move(message));
  }

  void end_turn() {
    session_->advance(reactor_.now());
    for (auto& output : session_->take()) {
      std::visit([this](auto& value) { apply(value); }, output);
    }
  }

  void apply(const Connect& target) {
    const Status begun = client_.connect(target.endpoint);
    if (!begun) end(begun);
  }
  void apply(const Send& send) { std::ignore = client_.send(send.message); }
  void apply(const Piece& piece) {
    if (result_) return;
    const auto problem = call_foreign([&] { sink_(piece.data.view()); });
    if (problem) end(failure(*problem));
  }
  void apply(const ReadingEnded& ended) { end(ended.status); }

  void end(Status status) {
    if (result_) return;
    client_.close();
    reactor_.stop();
    const std::lock_guard lock(mutex_);
    result_ = std::move(status);
    ended_.notify_all();
  }

  const Sink sink_;
  net::Reactor reactor_;
  std::unique_ptr<ClientAuthentication> authentication_;
  std::optional<SandboxSession> session_;  // nothing: there is no way to begin
  net::BusClient client_;

  // The result, which wait() waits for on any thread.
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<Status> result_;
  std::thread thread_;
};

SandboxReader::SandboxReader(SandboxFile file, Sink sink, const SchedulerOptions& identity)
    : implementation_(
          std::make_unique<Implementation>(std::move(file), std::move(sink), identity)) {}

SandboxReader::~SandboxReader() = default;

Status SandboxReader::wait() {
  return implementation_->wait();
}

}  // namespace mesolite

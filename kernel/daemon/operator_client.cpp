#include "kernel/daemon/operator_client.hpp"

#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "kernel/daemon/start_up.hpp"
#include "mesolite/protocol/version.hpp"
#include "sdk/detection/detector.hpp"
#include "sdk/net/bus.hpp"
#include "sdk/net/reactor.hpp"
#include "sdk/src/framework/client_authentication.hpp"

namespace mesolite::daemon {
namespace {

constexpr Duration locate_timeout = 5s;
constexpr Duration answer_timeout = 15s;

// One conversation, on the thread that runs it: Hello, Welcome, the request, its answer.
class Conversation final : public net::BusClient::Handler {
 public:
  Conversation(const OperatorOptions& options, ClientAuthentication& authentication,
               net::Curve keys, Message request)
      : options_(options),
        authentication_(authentication),
        request_(std::move(request)),
        client_(reactor_, *this) {
    client_.secure(std::move(keys));
  }

  Result<std::string> hold(const std::string& bus) {
    if (auto begun = client_.connect(bus); !begun) return tl::unexpected(begun.error());
    reactor_.at(reactor_.now() + answer_timeout,
                [this] { end(failure("no answer within " + to_text(answer_timeout))); });
    reactor_.run();
    client_.close();
    return std::move(*result_);
  }

 private:
  void connected() override {
    auto token = authentication_.start();
    if (!token) return end(tl::unexpected(token.error()));
    say(Hello{PeerRole::operator_client, std::string(version), options_.authenticator,
              options_.principal, std::move(*token)});
  }

  // Whether the request was carried out, nobody knows then: it is not asked twice.
  void disconnected() override { end(failure("the connection was lost")); }

  void received(Message message, std::uint64_t) override {
    if (auto* challenge = std::get_if<Challenge>(&message)) {
      auto token = authentication_.answer(challenge->data);
      if (!token) return end(tl::unexpected(token.error()));
      say(ChallengeResponse{std::move(*token)});
    } else if (auto* welcome = std::get_if<Welcome>(&message)) {
      auto proved = authentication_.check_server();
      if (!proved) return end(tl::unexpected(proved.error()));
      client_.set_epoch(welcome->master.epoch);
      say(request_);
    } else if (auto* refused = std::get_if<Refused>(&message)) {
      end(failure(refused->reason));
    } else if (auto* ping = std::get_if<Ping>(&message)) {
      say(Pong{ping->sequence});
    } else if (auto* answer = std::get_if<OperatorAnswer>(&message)) {
      if (!answer->error.empty()) return end(failure(answer->error));
      end(std::move(answer->text));
    }
  }

  void say(const Message& message) {
    if (auto sent = client_.send(message); !sent) end(tl::unexpected(sent.error()));
  }

  void end(Result<std::string> result) {
    if (!result_) result_ = std::move(result);
    reactor_.stop();
  }

  const OperatorOptions& options_;
  ClientAuthentication& authentication_;
  const Message request_;
  net::Reactor reactor_;
  net::BusClient client_;
  std::optional<Result<std::string>> result_;
};

}  // namespace

Result<std::string> ask_master(const OperatorOptions& options, Message request) {
  SchedulerOptions identity;
  identity.authenticator = options.authenticator;
  identity.principal = options.principal;
  identity.secret_file = options.secret_file;
  identity.bus_key = options.bus_key;
  identity.bus_trust = options.bus_trust;
  const auto authentication = make_client_authentication(identity);
  if (!authentication) return tl::unexpected(authentication.error());
  auto keys = client_keys(identity);
  if (!keys) return tl::unexpected(keys.error());
  const auto leader = detection::find_leader(options.master, locate_timeout);
  if (!leader) return failure("no answer from the master at " + options.master, leader.error());
  return Conversation(options, **authentication, std::move(*keys), std::move(request))
      .hold(leader->bus);
}

int ask_master(const OperatorOptions& options, std::string_view program, Message request) {
  const auto answer = ask_master(options, std::move(request));
  if (!answer) return fail(program, answer.error());
  std::cout << *answer << (answer->empty() || answer->ends_with('\n') ? "" : "\n") << std::flush;
  return 0;
}

}  // namespace mesolite::daemon

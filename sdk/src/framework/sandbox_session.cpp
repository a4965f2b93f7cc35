#include "sdk/src/framework/sandbox_session.hpp"

#include <algorithm>
#include <utility>

#include "mesolite/protocol/version.hpp"

namespace mesolite {
namespace {

// Without a connection, or without an answer over one.
constexpr Duration patience = 10s;
constexpr std::uint32_t piece_bytes_max = 256u << 10;
// Between two looks at a file that does not grow: short at first, since a task writes in bursts.
constexpr Duration pause_min = 10ms;
constexpr Duration pause_max = 50ms;

}  // namespace

SandboxSession::SandboxSession(SandboxFile file, const SchedulerOptions& identity,
                               ClientAuthentication& authentication)
    : file_(std::move(file)),
      mechanism_(identity.authenticator),
      principal_(identity.principal),
      authentication_(authentication) {}

void SandboxSession::start(Time now) {
  deadline_ = now + patience;
  outputs_.emplace_back(Connect{file_.agent_bus});
}

void SandboxSession::connected(Time now) {
  if (phase_ == Phase::ended) return;
  phase_ = Phase::greeting;
  deadline_ = now + patience;
  greet();
}

void SandboxSession::greet() {
  auto token = authentication_.start();
  if (!token) return fail(token.error().message);
  outputs_.emplace_back(Send{Hello{PeerRole::operator_client, std::string(version), mechanism_,
                                   principal_, std::move(*token)}});
}

void SandboxSession::challenged(const Challenge& challenge) {
  auto token = authentication_.answer(challenge.data);
  if (!token) return fail(token.error().message);
  outputs_.emplace_back(Send{ChallengeResponse{std::move(*token)}});
}

void SandboxSession::disconnected(Time now) {
  if (phase_ == Phase::ended) return;
  phase_ = Phase::connecting;
  deadline_ = now + patience;
}

void SandboxSession::received(Time now, Message message) {
  if (phase_ == Phase::ended) return;
  if (const auto* refusal = std::get_if<Refused>(&message)) return fail(refusal->reason);
  if (const auto* ping = std::get_if<Ping>(&message)) {
    outputs_.emplace_back(Send{Pong{ping->sequence}});
    return;
  }
  if (phase_ == Phase::greeting) {
    if (const auto* challenge = std::get_if<Challenge>(&message)) return challenged(*challenge);
    // Not every agent asks readers for a proof, and then it gives none either; nothing of ours is
    // told it.
    if (std::holds_alternative<Welcome>(message)) return ask(now);
  }
  auto* answer = std::get_if<SandboxData>(&message);
  if (answer == nullptr || phase_ != Phase::asking || answer->request != request_) return;
  answered(now, std::move(*answer));
}

void SandboxSession::ask(Time now) {
  phase_ = Phase::asking;
  deadline_ = now + patience;
  ReadSandbox read;
  read.request = ++request_;
  read.framework_id = file_.framework;
  read.task_id = file_.task;
  read.file = file_.name;
  read.offset = offset_;
  read.length_max = piece_bytes_max;
  outputs_.emplace_back(Send{std::move(read)});
}

void SandboxSession::answered(Time now, SandboxData answer) {
  if (!answer.error.empty()) return fail(answer.error);
  const bool more = !answer.data.empty();
  offset_ += answer.data.size();
  if (more) outputs_.emplace_back(Piece{std::move(answer.data)});
  if (answer.end) return end({});
  pause_ = more ? Duration::zero() : std::clamp(pause_ * 2, pause_min, pause_max);
  if (more) return ask(now);
  phase_ = Phase::pausing;
  deadline_ = now + pause_;
}

void SandboxSession::advance(Time now) {
  if (!deadline_ || now < *deadline_) return;
  deadline_.reset();
  if (phase_ == Phase::pausing) return ask(now);
  fail(phase_ == Phase::connecting ? "it is not reached" : "it does not answer");
}

void SandboxSession::end(Status status) {
  phase_ = Phase::ended;
  deadline_.reset();
  outputs_.emplace_back(ReadingEnded{std::move(status)});
}

void SandboxSession::fail(const std::string& reason) {
  end(failure("cannot read '" + file_.name + "' of task '" + file_.task.value + "' from agent " +
              file_.agent_bus + ": " + reason));
}

std::vector<SandboxOutput> SandboxSession::take() {
  return std::exchange(outputs_, {});
}

}  // namespace mesolite

// SandboxSession: how a file of a sandbox is read to its end over a link that may break, without a
// socket, a clock or a thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mesolite/base/ids.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/protocol/messages.hpp"
#include "sdk/src/framework/client_authentication.hpp"
#include "sdk/src/framework/session_outputs.hpp"

namespace mesolite {

// The next piece of the file.
struct Piece {
  Bytes data;
};

// The whole file was delivered, or why it was not. Nothing comes after it.
struct ReadingEnded {
  Status status;
};

using SandboxOutput = std::variant<Connect, Send, Piece, ReadingEnded>;

class SandboxSession {
 public:
  // `authentication` outlives the session.
  SandboxSession(SandboxFile file, const SchedulerOptions& identity,
                 ClientAuthentication& authentication);

  void start(Time now);
  void connected(Time now);
  void disconnected(Time now);  // the link is made again by itself
  void received(Time now, Message message);
  void advance(Time now);
  std::optional<Time> next_deadline() const { return deadline_; }
  std::vector<SandboxOutput> take();

 private:
  enum class Phase : std::uint8_t { connecting, greeting, asking, pausing, ended };

  void greet();
  void challenged(const Challenge& challenge);
  void ask(Time now);
  void answered(Time now, SandboxData answer);
  void end(Status status);
  void fail(const std::string& reason);

  const SandboxFile file_;
  const std::string mechanism_;
  const std::string principal_;
  ClientAuthentication& authentication_;
  Phase phase_ = Phase::connecting;
  std::optional<Time> deadline_;  // of the phase: give up, or ask again
  std::uint64_t offset_ = 0;
  std::uint64_t request_ = 0;  // the one that is under way
  Duration pause_{0};          // before the next look for more
  std::vector<SandboxOutput> outputs_;
};

}  // namespace mesolite

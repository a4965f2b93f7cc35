// The operator's end of the bus: one request to the leading master, one answer, then it is over.
#pragma once

#include <string>

#include "mesolite/base/result.hpp"
#include "mesolite/protocol/messages.hpp"

namespace mesolite::daemon {

// Whom to ask, and as whom.
struct OperatorOptions {
  std::string master;  // "host:port", "zk://…" or "file://…"
  std::string authenticator = "none";
  std::string principal;
  std::string secret_file;
  std::string bus_key;  // and those that are trusted; empty: the environment's, or in the clear
  std::string bus_trust;
};

// Asks the master and waits for its answer, for some seconds at most. `request` is a message with a
// `request` field of 0 or any other number. Fails with what the master says against it.
Result<std::string> ask_master(const OperatorOptions& options, Message request);

// The same for a command: prints the answer, or why there is none; the exit status.
int ask_master(const OperatorOptions& options, std::string_view program, Message request);

}  // namespace mesolite::daemon

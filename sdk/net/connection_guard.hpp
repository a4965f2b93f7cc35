// ConnectionGuard: which connections of a bus are not worth keeping. Pure policy but for what it
// asks the system: bytes received, and the memory of this process.
//
// ZeroMQ gathers the parts of a message without a bound before anybody sees one of them, and keeps
// connections that never say anything. So the guard is told of every connection and of every frame
// that is delivered, and looks from time to time at those on which something has arrived:
// - more connections than descriptors allow: the newest goes;
// - too many that have not said anything yet: the oldest of them go, and each after a while;
// - more has arrived than one message may be, and nothing is delivered: it goes.
// What cannot be counted (Unix sockets) is not judged by the last rule.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "mesolite/base/time.hpp"
#include "sdk/net/bus_limits.hpp"
#include "sdk/net/socket_name.hpp"

namespace mesolite::net {

class ConnectionGuard {
 public:
  enum class Offence : std::uint8_t {
    crowding,  // there are too many
    silence,   // it says nothing
    flooding,  // it sends without an end
  };
  struct Verdict {
    SocketName socket;
    Offence offence = Offence::silence;
    std::string reason;
  };

  explicit ConnectionGuard(BusLimits limits);
  ~ConnectionGuard();
  ConnectionGuard(const ConnectionGuard&) = delete;
  ConnectionGuard& operator=(const ConnectionGuard&) = delete;

  // Answers with the verdict on the newcomer, if there are too many.
  std::optional<Verdict> accepted(int descriptor, Time now);
  void ended(int descriptor);
  // A frame of so many bytes, all parts together, has been read.
  void delivered(int descriptor, std::size_t bytes);

  // When to look next; none while there is no connection.
  std::optional<Duration> pause() const;
  // `all_read`: nothing waits in ZeroMQ's queues, so what has arrived and was not delivered is the
  // beginning of one message each.
  std::vector<Verdict> look(Time now, bool all_read);

 private:
  struct Connection {
    SocketName socket;
    std::uint64_t number = 0;  // tells it from an earlier one of the same descriptor
    Time since{};
    bool silent = true;
    bool sentenced = false;
    std::uint64_t base = 0;       // bytes received when last everything was delivered
    std::uint64_t delivered = 0;  // bytes since then
    std::size_t memory = 0;       // of this process when it became suspect; 0: it is not
  };

  void judge_silence(Time now, std::vector<Verdict>& verdicts);
  void judge_arrivals(bool all_read, std::vector<Verdict>& verdicts);
  std::string judge(Connection& connection, bool all_read);
  std::string judge_message(Connection& connection, std::uint64_t begun);
  Connection* oldest_silent();
  void speaks(Connection& connection);
  Verdict sentence(Connection& connection, Offence offence, std::string reason);

  const BusLimits limits_;
  int epoll_;  // says on which of them something has arrived
  std::uint64_t accepted_ = 0;
  std::unordered_map<int, Connection> connections_;
  std::deque<std::pair<int, std::uint64_t>> order_;  // of the silent ones, oldest first; some gone
  std::size_t silent_ = 0;
  std::vector<int> suspects_;  // to be looked at again, whether something has arrived or not
};

}  // namespace mesolite::net

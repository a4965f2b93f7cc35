#include "sdk/net/connection_guard.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::net {
namespace {

constexpr Duration look_interval = 100ms;
constexpr Duration watchful_interval = 10ms;  // while there is somebody to watch

// What ZeroMQ sends beside frames: their headers, its own greeting, heartbeats.
constexpr std::uint64_t overhead_bytes = 64u << 10;
// An empty part of two bytes costs ZeroMQ 64 and more. A message that has grown to the first, and
// with it this process by more than so much and so many times its size, is made of such parts.
constexpr std::uint64_t suspect_bytes = 256u << 10;
constexpr std::uint64_t growth_bytes_max = 8u << 20;
constexpr std::uint64_t growth_factor_max = 4;

constexpr std::size_t other_descriptors = 1'536;  // HTTP, files, sockets of our own

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::string megabytes(std::uint64_t bytes) {
  return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MiB";
}

}  // namespace

std::size_t connections_allowed() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const auto all = static_cast<std::size_t>(files.rlim_cur);
  return all - std::min(other_descriptors, all / 4);
}

ConnectionGuard::ConnectionGuard(BusLimits limits)
    : limits_(limits), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  MESOLITE_CHECK(epoll_ >= 0, "a descriptor for an event loop is left");
}

ConnectionGuard::~ConnectionGuard() {
  ::close(epoll_);
}

std::optional<ConnectionGuard::Verdict> ConnectionGuard::accepted(int descriptor, Time now) {
  ended(descriptor);
  Connection& connection = connections_[descriptor];
  connection.socket = name_socket(descriptor);
  connection.number = ++accepted_;
  connection.since = now;
  order_.emplace_back(descriptor, connection.number);
  ++silent_;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;  // once for each arrival
  event.data.fd = descriptor;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  if (connections_.size() <= limits_.connections_max) return std::nullopt;
  return sentence(connection, Offence::crowding,
                  "there are " + std::to_string(limits_.connections_max) +
                      " connections already, which is the most");
}

void ConnectionGuard::speaks(Connection& connection) {
  if (std::exchange(connection.silent, false)) --silent_;
}

ConnectionGuard::Verdict ConnectionGuard::sentence(Connection& connection, Offence offence,
                                                   std::string reason) {
  speaks(connection);  // what it says does not matter any more
  connection.sentenced = true;
  return {connection.socket, offence, std::move(reason)};
}

// A closed descriptor leaves the epoll by itself.
void ConnectionGuard::ended(int descriptor) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  speaks(found->second);
  connections_.erase(found);
}

void ConnectionGuard::delivered(int descriptor, std::size_t bytes) {
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  speaks(found->second);
  found->second.delivered += bytes;
}

std::optional<Duration> ConnectionGuard::pause() const {
  if (connections_.empty()) return std::nullopt;
  return silent_ > 0 || !suspects_.empty() ? watchful_interval : look_interval;
}

std::vector<ConnectionGuard::Verdict> ConnectionGuard::look(Time now, bool all_read) {
  std::vector<Verdict> verdicts;
  if (all_read) judge_silence(now, verdicts);  // or what they have said may still wait for us
  judge_arrivals(all_read, verdicts);
  return verdicts;
}

// ---- silence
// -------------------------------------------------------------------------------------

ConnectionGuard::Connection* ConnectionGuard::oldest_silent() {
  while (!order_.empty()) {
    const auto [descriptor, number] = order_.front();
    const auto found = connections_.find(descriptor);
    const bool there = found != connections_.end() && found->second.number == number;
    if (there && found->second.silent) return &found->second;
    order_.pop_front();
  }
  return nullptr;
}

void ConnectionGuard::judge_silence(Time now, std::vector<Verdict>& verdicts) {
  while (Connection* oldest = oldest_silent()) {
    const bool crowded = silent_ > limits_.silent_max;
    if (!crowded && now - oldest->since < limits_.silence_max) return;
    verdicts.push_back(
        sentence(*oldest, Offence::silence,
                 crowded ? "more than " + std::to_string(limits_.silent_max) +
                               " connections have not said anything"
                         : "it has not said anything for " + to_text(limits_.silence_max)));
  }
}

// ---- arrivals
// ------------------------------------------------------------------------------------

void ConnectionGuard::judge_arrivals(bool all_read, std::vector<Verdict>& verdicts) {
  std::vector<int> arrived = std::exchange(suspects_, {});
  std::array<epoll_event, 1'024> events;  // NOLINT: filled by epoll_wait
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) arrived.push_back(events[static_cast<std::size_t>(i)].data.fd);
  for (const int descriptor : arrived) {
    const auto found = connections_.find(descriptor);
    if (found == connections_.end() || found->second.sentenced) continue;
    std::string reason = judge(found->second, all_read);
    if (reason.empty()) continue;
    verdicts.push_back(sentence(found->second, Offence::flooding, std::move(reason)));
  }
}

// What is wrong with it; "" if nothing is.
std::string ConnectionGuard::judge(Connection& connection, bool all_read) {
  const auto received = bytes_received(connection.socket);
  if (!received) return "";
  const std::uint64_t known = connection.base + connection.delivered;
  const std::uint64_t begun = *received - std::min(*received, known);
  if (begun > backlog_bytes_max) {
    return "more than " + megabytes(backlog_bytes_max) + " have come that were not read yet";
  }
  if (!all_read) return "";
  if (std::exchange(connection.delivered, 0) > 0) {
    connection.base = *received;  // less the beginning of a message, which is forgiven
    connection.memory = 0;
    return "";
  }
  return judge_message(connection, begun);
}

std::string ConnectionGuard::judge_message(Connection& connection, std::uint64_t begun) {
  const std::uint64_t most =
      connection.silent ? limits_.first_frame_bytes_max : std::uint64_t{frame_bytes_max};
  if (begun > most + overhead_bytes) {
    return "a message of it has no end: more than " + megabytes(most) + " have come";
  }
  if (begun < suspect_bytes) return "";
  suspects_.push_back(connection.socket.descriptor);
  const std::size_t memory = resident_bytes();
  if (connection.memory == 0) connection.memory = memory;
  const std::size_t growth = memory - std::min(memory, connection.memory);
  if (growth <= growth_bytes_max + growth_factor_max * begun) return "";
  return "a message of it is made of a great many parts";
}

}  // namespace mesolite::net

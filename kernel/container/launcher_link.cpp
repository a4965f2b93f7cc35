#include "kernel/container/launcher_link.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>

#include "kernel/container/helper.hpp"

namespace mesolite::container {
namespace {

constexpr Duration welcome_patience = std::chrono::seconds(10);

struct Pair {
  Descriptor ours;
  Descriptor theirs;
};

Pair socket_pair(int type) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) return {};
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Status ensure_directory(const std::string& directory) {
  if (::mkdir(directory.c_str(), S_IRWXU) == 0 || errno == EEXIST) return {};
  return system_failure("cannot make the launcher's directory '" + directory + "'", errno);
}

// Not open: no launcher listens there.
Descriptor connect_to(const std::string& directory) {
  const Descriptor place(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // Of a path that may be too long for a socket: by way of the directory's descriptor.
  const std::string path = "/proc/self/fd/" + std::to_string(place.get()) + "/" + launcher_socket;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return socket;
  }
  return Descriptor();
}

// With an empty environment and with nothing of ours but the connection and where we complain.
Result<pid_t> start(const LauncherPlace& place, const Descriptor& connection) {
  static_assert(launcher_connection == 3);
  return start_helper({"the launcher",
                       place.program,
                       {place.directory},
                       {},
                       {null_device, null_device, STDERR_FILENO, connection.get()}});
}

// Until something has arrived, or what waits can be sent; false when the deadline has passed.
bool wait_for(const Channel& channel, std::chrono::steady_clock::time_point deadline) {
  const int events = channel.sending() ? POLLIN | POLLOUT : POLLIN;
  pollfd polled{channel.descriptor(), static_cast<short>(events), 0};
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return ::poll(&polled, 1, static_cast<int>(std::max<std::int64_t>(0, left.count()))) > 0;
}

}  // namespace

Result<std::unique_ptr<LauncherLink>> LauncherLink::open(const LauncherPlace& place) {
  if (auto made = ensure_directory(place.directory); !made) return tl::unexpected(made.error());
  Pair gate = socket_pair(SOCK_SEQPACKET);
  if (!gate.ours) return system_failure("cannot make the launcher's gate", errno);
  pid_t child = 0;
  Descriptor connection = connect_to(place.directory);
  if (!connection) {
    Pair pair = socket_pair(SOCK_STREAM);
    if (!pair.ours) return system_failure("cannot make the launcher's socket", errno);
    const auto spawned = start(place, pair.theirs);
    if (!spawned) return tl::unexpected(spawned.error());
    child = *spawned;
    connection = std::move(pair.ours);
  }
  std::unique_ptr<LauncherLink> link(
      new LauncherLink(std::move(connection), std::move(gate.ours), child));
  if (auto greeted = link->greet(std::move(gate.theirs), place.patience); !greeted) {
    return failure("the launcher '" + place.program + "' does not answer", greeted.error());
  }
  return link;
}

LauncherLink::~LauncherLink() {
  channel_ = Channel(Descriptor());
  // Without its agent it ends, or else is left to the next one, and to init.
  if (child_ > 0) ::waitpid(child_, nullptr, WNOHANG);
}

Status LauncherLink::greet(Descriptor gate, Duration patience) {
  LauncherRequest greeting;
  greeting.order = LauncherOrder::greet;
  greeting.patience = patience;
  if (auto sent = channel_.send(greeting, {gate.get()}); !sent) return sent;
  const auto deadline = std::chrono::steady_clock::now() + welcome_patience;
  while (wait_for(channel_, deadline)) {
    if (auto received = channel_.receive(); !received) return tl::unexpected(received.error());
    while (true) {
      auto report = channel_.next<LauncherReport>();
      if (!report) return tl::unexpected(report.error());
      if (!*report) break;
      if ((*report)->event == LauncherEvent::welcome) return {};
      inventory_.push_back(std::move(**report));
    }
  }
  return failure("it took too long");
}

std::optional<LauncherLink::Waiting> LauncherLink::next_at_gate() {
  std::array<char, gate_pid_bytes + 512> question{};
  const ssize_t size = ::recv(gate_.get(), question.data(), question.size(), MSG_DONTWAIT);
  if (size < static_cast<ssize_t>(gate_pid_bytes)) return std::nullopt;
  Waiting waiting;
  waiting.pid = std::atoll(question.data());
  waiting.container = ContainerId(
      std::string_view(question.data(), static_cast<std::size_t>(size)).substr(gate_pid_bytes));
  return waiting;
}

void LauncherLink::answer_at_gate(const ContainerId& container, char answer) {
  const std::string text = answer + container.value;
  // Whoever asked may have been killed; then nobody waits for the answer.
  [[maybe_unused]] const auto sent =
      ::send(gate_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool LauncherLink::stop(Duration patience) {
  LauncherRequest order;
  order.order = LauncherOrder::stop;
  (void)channel_.send(order);
  (void)channel_.flush();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  bool gone = false;
  while (!gone && wait_for(channel_, deadline)) {
    gone = !channel_.flush() || !channel_.receive();
  }
  if (gone && child_ > 0) {
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }
  return gone;
}

}  // namespace mesolite::container

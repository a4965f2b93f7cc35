#include "kernel/container/launcher/launcher.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace mesolite::container {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t starts_per_turn = 4;  // between looks at processes that ended
constexpr auto orphans_interval = 1s;       // between looks for orphans of running containers
constexpr auto dying_interval = 10ms;       // between looks at what will not end

// Most dangerous for the OOM killer to take would be the one whose end is everybody's. Answers with
// what containers are to have instead: the score of before.
std::string protect_from_oom_killer() {
  std::string before;
  std::ifstream("/proc/self/oom_score_adj") >> before;
  std::ofstream file("/proc/self/oom_score_adj");
  file << "-1000" << std::flush;
  return file ? before : "";
}

// Of a path that may be too long for a socket: by way of the directory's descriptor.
sockaddr_un address_in(const Descriptor& directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path =
      "/proc/self/fd/" + std::to_string(directory.get()) + "/" + launcher_socket;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

bool is_own_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.uid == ::geteuid();
}

}  // namespace

Result<std::unique_ptr<Launcher>> Launcher::open(const std::string& directory,
                                                 Descriptor connection) {
  if (auto status = become_subreaper(); !status) return tl::unexpected(status.error());
  Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return system_failure("cannot open '/dev/null'", errno);
  std::unique_ptr<Launcher> launcher(new Launcher(directory, std::move(null)));
  if (auto status = launcher->listen(); !status) return tl::unexpected(status.error());
  launcher->load_ends();
  if (connection) launcher->agent_.emplace(std::move(connection));
  return launcher;
}

Launcher::Launcher(const std::string& directory, Descriptor null)
    : directory_(directory),
      null_(std::move(null)),
      spawner_({null_.get(), -1, protect_from_oom_killer()}),
      alone_since_(Clock::now()) {}

Launcher::~Launcher() {
  ::unlink((directory_ + "/" + launcher_socket).c_str());
}

Status Launcher::listen() {
  const std::string what = "the launcher cannot listen in '" + directory_ + "'";
  const Descriptor place(::open(directory_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!place || !listener_) return system_failure(what, errno);
  const sockaddr_un address = address_in(place);
  ::unlink(address.sun_path);  // of one that was killed: whoever starts a launcher has looked
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_.get(), 4) != 0) {
    return system_failure(what, errno);
  }
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  child_signal_ = Descriptor(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!child_signal_) return system_failure(what, errno);
  return {};
}

void Launcher::run() {
  while (!over()) turn();
  if (agent_) (void)agent_->flush();
}

bool Launcher::over() const {
  return containers_.empty() && !strays_ && (stopping_ || !agent_);
}

void Launcher::turn() {
  std::array<pollfd, 3> polled = {{{child_signal_.get(), POLLIN, 0},
                                   {listener_.get(), POLLIN, 0},
                                   {agent_ ? agent_->descriptor() : -1, POLLIN, 0}}};
  if (agent_ && agent_->sending()) polled[2].events |= POLLOUT;
  if (::poll(polled.data(), polled.size(), milliseconds_to_wait()) < 0) return;
  if (polled[0].revents != 0) reap();
  if (polled[2].revents != 0 || requests_wait_) serve_agent();
  if (polled[1].revents != 0) accept_agent();
  const auto now = Clock::now();
  if (!agent_ && !stopping_ && now - alone_since_ >= patience_) destroy_all();
  const bool search = searched_ > 0 && now - settled_ >= orphans_interval;
  const bool again = (!dying_.empty() || strays_) && now - looked_again_ >= dying_interval;
  if (settle_due_ || search || again) settle(again);
  if (agent_ && !agent_->flush()) lose_agent();
}

int Launcher::milliseconds_to_wait() const {
  if (settle_due_ || requests_wait_) return 0;
  auto next = Clock::time_point::max();
  if (searched_ > 0) next = settled_ + orphans_interval;
  if (!dying_.empty() || strays_) next = looked_again_ + dying_interval;
  if (!agent_ && !stopping_) next = std::min(next, alone_since_ + patience_);
  if (next == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

// ---- the agent ----------------------------------------------------------------------------------

void Launcher::accept_agent() {
  Descriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection || !is_own_user(connection.get())) return;
  gate_ = Descriptor();
  requests_wait_ = false;
  agent_.emplace(std::move(connection));
}

void Launcher::serve_agent() {
  requests_wait_ = false;
  for (std::size_t starts = 0; starts < starts_per_turn;) {
    auto request = agent_->next<LauncherRequest>();
    if (!request) return lose_agent();
    if (!*request) {
      const auto more = agent_->receive();
      if (!more) return lose_agent();
      if (!*more) return;
      continue;
    }
    handle(**request);
    if (!agent_) return;
    if ((*request)->order == LauncherOrder::start) ++starts;
  }
  // What is left may have been read already: the socket will not tell of it again.
  requests_wait_ = true;
}

void Launcher::lose_agent() {
  requests_wait_ = false;
  agent_.reset();
  gate_ = Descriptor();
  spawner_.set_gate(-1);
  alone_since_ = Clock::now();
  for (const auto& [id, status] : ends_) save_end(id, status);
}

void Launcher::report(const LauncherReport& report) {
  if (agent_ && !agent_->send(report)) lose_agent();
}

void Launcher::handle(LauncherRequest& request) {
  const auto known = containers_.find(request.container);
  switch (request.order) {
    case LauncherOrder::greet:
      return greet(request);
    case LauncherOrder::start:
      return start(request);
    case LauncherOrder::signal:
      return signal(request.container, request.signal);
    case LauncherOrder::kill:
      if (known != containers_.end()) destroy(known->second);
      return;
    case LauncherOrder::forget:
      return forget(request.container);
    case LauncherOrder::stop:
      return destroy_all();
    case LauncherOrder::unknown:
      return;  // of a newer agent's
  }
}

void Launcher::greet(const LauncherRequest& request) {
  gate_ = agent_->take_descriptor();
  spawner_.set_gate(gate_.get());
  patience_ = std::chrono::duration_cast<Clock::duration>(request.patience);
  LauncherReport answer;
  for (const auto& [id, container] : containers_) {
    answer.event = LauncherEvent::started;
    answer.container = id;
    answer.pid = container.pid;
    answer.seccomp_filter = container.seccomp_filter;
    report(answer);
  }
  for (const auto& [id, status] : ends_) {
    answer = {};
    answer.event = LauncherEvent::ended;
    answer.container = id;
    answer.status = status;
    report(answer);
  }
  answer = {};
  answer.event = LauncherEvent::welcome;
  report(answer);
}

}  // namespace mesolite::container

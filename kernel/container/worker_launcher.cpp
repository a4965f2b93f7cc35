#include <signal.h>
#include <sys/epoll.h>

#include <cstring>
#include <utility>

#include "kernel/container/failpoint.hpp"
#include "kernel/container/launcher/process_tree.hpp"
#include "kernel/container/worker.hpp"

namespace mesolite::container {
namespace {

constexpr const char* launcher_folder = "launcher";  // below the work directory

Error error_of(const LauncherReport& report) {
  if (report.error == 0) return Error{report.step};
  return system_failure(report.step, report.error).value();
}

}  // namespace

Status Containerizer::Worker::connect() {
  auto link = LauncherLink::open({settings_.launcher, settings_.work_dir + "/" + launcher_folder,
                                  settings_.patience_without_agent});
  if (!link) return tl::unexpected(link.error());
  launcher_ = std::move(*link);
  Watch reports;
  reports.kind = WatchKind::launcher;
  reports.descriptor = launcher_->channel().descriptor();
  Watch gate;
  gate.kind = WatchKind::gate;
  gate.descriptor = launcher_->gate();
  launcher_watches_ = {watch(std::move(reports)), watch(std::move(gate))};
  return {};
}

// It was killed, and what it had started with it.
void Containerizer::Worker::disconnect(const std::string& why) {
  warn("the launcher is lost: " + why);
  for (const std::uint64_t number : std::exchange(launcher_watches_, {})) unwatch(number);
  launcher_.reset();
  sending_ = false;
  std::vector<std::pair<ContainerId, bool>> lost;
  std::unordered_map<ContainerId, pid_t> leaders;
  for (const auto& [id, container] : containers_) {
    lost.emplace_back(id, container.running);
    if (container.context.pid > 0) leaders[id] = static_cast<pid_t>(container.context.pid);
  }
  kill_left_over(leaders);
  for (const auto& [id, running] : lost) {
    if (!running) {
      refuse(id, Error{"the launcher is lost"});
      continue;
    }
    containers_.at(id).limitation =
        Limitation{UpdateReason::container_limitation, "the launcher of its container is lost", {}};
    finish(id, SIGKILL);
  }
  if (auto connected = connect(); !connected) warn(connected.error().message);
}

Status Containerizer::Worker::tell(const LauncherRequest& request,
                                   const std::vector<int>& descriptors) {
  if (!launcher_) return failure("there is no launcher");
  // One that is gone is found so when its socket is read.
  (void)launcher_->channel().send(request, descriptors);
  return {};
}

void Containerizer::Worker::flush() {
  if (!launcher_) return;
  (void)launcher_->channel().flush();
  watch_sending();
}

// A full socket is watched until it takes the rest.
void Containerizer::Worker::watch_sending() {
  if (launcher_->channel().sending() == sending_) return;
  sending_ = !sending_;
  epoll_event event{};
  event.events = sending_ ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = launcher_watches_.front();
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, launcher_->channel().descriptor(), &event);
}

void Containerizer::Worker::tell(LauncherOrder order, const ContainerId& id) {
  LauncherRequest request;
  request.order = order;
  request.container = id;
  (void)tell(request);
}

void Containerizer::Worker::hear() {
  Channel& channel = launcher_->channel();
  if (const auto received = channel.receive(); !received) {
    return disconnect(received.error().message);
  }
  while (true) {
    auto report = channel.next<LauncherReport>();
    if (!report) return disconnect(report.error().message);
    if (!*report) return;
    take(**report);
  }
}

void Containerizer::Worker::take(LauncherReport& report) {
  const auto known = containers_.find(report.container);
  switch (report.event) {
    case LauncherEvent::started:
      return started(report.container, report.pid);
    case LauncherEvent::failed: {
      if (known == containers_.end()) return;
      const std::string refusal = std::move(known->second.refusal);
      return refuse(report.container, refusal.empty() ? error_of(report) : Error{refusal});
    }
    case LauncherEvent::ended:
      return finish(report.container, report.status);
    case LauncherEvent::welcome:
    case LauncherEvent::warning:
    case LauncherEvent::unknown:
      return;
  }
}

// The first process of a container waits: isolators that act from outside do so now.
void Containerizer::Worker::serve_gate() {
  const auto waiting = launcher_->next_at_gate();
  if (!waiting) return;
  reach(settings_.failpoint, "container_gated");
  const auto known = containers_.find(waiting->container);
  char answer = gate_shut;
  if (known != containers_.end()) {
    Container& container = known->second;
    container.context.pid = waiting->pid;
    if (const auto isolated = isolate(container)) {
      reach(settings_.failpoint, "isolated");
      answer = gate_open;
    } else {
      container.refusal = isolated.error().message;
    }
  }
  launcher_->answer_at_gate(waiting->container, answer);
}

}  // namespace mesolite::container

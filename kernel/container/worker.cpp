#include "kernel/container/worker.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::container {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t requests_per_turn = 16;  // between looks at processes that ended
constexpr auto stop_patience = 10s;

void make_readable(const Descriptor& event) {
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then it is readable.
  [[maybe_unused]] const auto written = ::write(event.get(), &one, sizeof one);
}

void make_unreadable(const Descriptor& event) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(event.get(), &count, sizeof count);
}

CgroupPlace cgroup_place(const Settings& settings) {
  CgroupPlace place;
  if (!settings.cgroup_mount.empty()) place.mount = settings.cgroup_mount;
  if (!settings.cgroup_root.empty()) place.root = settings.cgroup_root;
  return place;
}

// All containers wait for this thread: it goes before what runs in them, if it is root's. What it
// starts does not inherit that.
void go_ahead() {
  constexpr int nice = -5;
  const sched_param none{};
  if (::sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none) == 0) {
    ::setpriority(PRIO_PROCESS, 0, nice);
  }
}

}  // namespace

Containerizer::Worker::Worker(Settings settings, std::vector<NamedIsolator> isolators)
    : settings_(std::move(settings)),
      isolators_(std::move(isolators)),
      cgroups_(cgroup_place(settings_)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      requests_ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      outcomes_ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  fetcher_.emplace(settings_.fetcher, [this](const ContainerId& id, Status status) {
    post([id, status = std::move(status)](Worker& worker) { worker.fetched(id, status); });
  });
}

Containerizer::Worker::~Worker() {
  stop();
}

Status Containerizer::Worker::open() {
  if (!epoll_ || !requests_ready_ || !outcomes_ready_) {
    return system_failure("cannot create the containerizer's descriptors", errno);
  }
  Watch requests;
  requests.descriptor = requests_ready_.get();
  watch(std::move(requests));
  return connect();
}

void Containerizer::Worker::start() {
  thread_ = std::thread([this] { run(); });
  ::pthread_setname_np(thread_.native_handle(), "containers");
  janitor_ = std::thread([this] { collect_garbage_until_stopped(); });
  ::pthread_setname_np(janitor_.native_handle(), "janitor");
  if (settings_.logs.bytes_max == 0) return;
  rotator_ = std::thread([this] { rotate_logs_until_stopped(); });
  ::pthread_setname_np(rotator_.native_handle(), "logs");
}

void Containerizer::Worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_all();
  make_readable(requests_ready_);
  if (thread_.joinable()) thread_.join();
  if (janitor_.joinable()) janitor_.join();
  if (rotator_.joinable()) rotator_.join();
  fetcher_.reset();
}

void Containerizer::Worker::post(Request request) {
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
  }
  make_readable(requests_ready_);
}

std::vector<Outcome> Containerizer::Worker::take_outcomes() {
  make_unreadable(outcomes_ready_);
  const std::lock_guard lock(mutex_);
  return std::exchange(outcomes_, {});
}

void Containerizer::Worker::report(Outcome outcome) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = outcomes_.empty();
    outcomes_.push_back(std::move(outcome));
  }
  if (first) make_readable(outcomes_ready_);
}

void Containerizer::Worker::run() {
  go_ahead();
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ && requests_.empty()) break;
    }
    turn();
  }
  end_all();
}

// Until nothing runs any more; what cannot be ended in time is left behind, loudly.
void Containerizer::Worker::end_all() {
  // An agent that could not even start leaves what it has found to the next one.
  if (leaving_) return;
  if (!recovered_ && containers_.empty() && settings_.patience_without_agent > 0s) return;
  const auto deadline = Clock::now() + stop_patience;
  const auto left = [&] {
    return std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  };
  std::vector<ContainerId> running;
  for (const auto& [id, container] : containers_) running.push_back(id);
  for (const auto& id : running) destroy(id);
  flush();
  while (launcher_ && !containers_.empty() && left() > 0ms) turn(left());
  for (const auto& [id, container] : containers_) {
    warn("container " + id.value + " could not be ended");
  }
  if (launcher_ && !launcher_->stop(std::max<Duration>(left(), 1ms))) {
    warn("the launcher could not be ended");
  }
}

void Containerizer::Worker::turn(std::chrono::milliseconds patience) {
  std::array<epoll_event, 64> events{};
  int wait = milliseconds_to_wait();
  if (patience != std::chrono::milliseconds::max()) wait = static_cast<int>(patience.count());
  const int count =
      ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait);
  MESOLITE_CHECK(count >= 0 || errno == EINTR, "epoll_wait fails for no other reason");
  for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)].data.u64);
  run_checkups();
  end_overdue_checks();
  flush();
}

int Containerizer::Worker::milliseconds_to_wait() const {
  {
    const std::lock_guard lock(mutex_);
    if (!requests_.empty()) return 0;
  }
  auto next = checkups_.empty() ? Clock::time_point::max() : checkups_.begin()->when;
  if (!checks_due_.empty()) next = std::min(next, checks_due_.begin()->first);
  if (next == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

void Containerizer::Worker::run_requests() {
  make_unreadable(requests_ready_);
  for (std::size_t i = 0; i < requests_per_turn; ++i) {
    Request request;
    {
      const std::lock_guard lock(mutex_);
      if (requests_.empty()) return;
      request = std::move(requests_.front());
      requests_.pop_front();
    }
    request(*this);
    if (launcher_) serve_gate();  // the launcher stands still for who waits there
  }
  make_readable(requests_ready_);  // there may be more
}

std::uint64_t Containerizer::Worker::watch(Watch watch) {
  const std::uint64_t number = ++watch_last_;
  epoll_event event{};
  event.events = watch.kind == WatchKind::isolator ? EPOLLIN | EPOLLPRI : EPOLLIN;
  event.data.u64 = number;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, watch.descriptor, &event) != 0) {
    warn(system_failure("cannot watch a descriptor", errno).value().message);
    return 0;
  }
  watches_.emplace(number, std::move(watch));
  return number;
}

void Containerizer::Worker::unwatch(std::uint64_t number) {
  const auto known = watches_.find(number);
  if (known == watches_.end()) return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, known->second.descriptor, nullptr);
  watches_.erase(known);
}

void Containerizer::Worker::handle(std::uint64_t number) {
  const auto known = watches_.find(number);
  if (known == watches_.end()) return;  // ended earlier in this turn
  const WatchKind kind = known->second.kind;
  const ContainerId id = known->second.container;
  const std::size_t isolator = known->second.isolator;
  switch (kind) {
    case WatchKind::requests:
      return run_requests();
    case WatchKind::launcher:
      return hear();
    case WatchKind::gate:
      return serve_gate();
    case WatchKind::isolator:
      return check(id, isolator);
    case WatchKind::check:
      return check_ended(number);
  }
}

}  // namespace mesolite::container

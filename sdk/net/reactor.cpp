#include "sdk/net/reactor.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mesolite/base/check.hpp"
#include "sdk/net/clock.hpp"

namespace mesolite::net {
namespace {

using Work = std::function<void()>;
using Deadline = std::function<std::optional<Time>()>;

// Something that is called again and again until it is forgotten. A forgotten entry stays where it
// is until the next turn begins, since it may be the one that is being called.
template <class Function>
struct Entry {
  std::uint64_t id = 0;
  Function call;
  bool forgotten = false;
};

template <class Function>
using Entries = std::list<Entry<Function>>;

template <class Function>
void purge(Entries<Function>& entries) {
  entries.remove_if([](const auto& entry) { return entry.forgotten; });
}

template <class Function>
void forget_in(Entries<Function>& entries, std::uint64_t id) {
  for (auto& entry : entries) entry.forgotten = entry.forgotten || entry.id == id;
}

void call_all(Entries<Work>& entries) {
  for (auto& entry : entries) {
    if (!entry.forgotten) entry.call();
  }
}

// Earliest first; equal moments fire in the order added.
using Timers = std::map<std::pair<Time, std::uint64_t>, Work>;

struct SocketEntry {
  void* socket = nullptr;
  Work ready;
  bool forgotten = false;
};

// zmq_poll counts in milliseconds: rounded up, so that a deadline is never polled for busily.
long poll_timeout(std::optional<Time> deadline, Time now) {
  if (!deadline) return -1;
  if (*deadline <= now) return 0;
  constexpr auto longest = std::chrono::hours(1);
  const Duration wait = std::min<Duration>(*deadline - now, longest);
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

}  // namespace

class Reactor::Implementation {
 public:
  Implementation() {
    context_ = ::zmq_ctx_new();
    MESOLITE_CHECK(context_ != nullptr, "a ZeroMQ context can be made");
    // One I/O thread: BusServer relies on events and messages being passed on in one order.
    ::zmq_ctx_set(context_, ZMQ_IO_THREADS, 1);
    wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    MESOLITE_CHECK(wake_ >= 0 && epoll_ >= 0, "descriptors for an event loop are left");
    control(EPOLL_CTL_ADD, wake_, nullptr);
    now_ = clock_.now();
  }

  ~Implementation() {
    ::close(epoll_);
    ::close(wake_);
    // Waits until the sockets, closed by their owners by now, have sent or given up what is left.
    while (::zmq_ctx_term(context_) != 0 && zmq_errno() == EINTR) {
    }
  }

  void watch(int descriptor, Work ready) {
    unwatch(descriptor);
    const auto entry = watched_.insert(watched_.end(), {.call = std::move(ready)});
    by_descriptor_[descriptor] = entry;
    control(EPOLL_CTL_ADD, descriptor, &*entry);
  }

  void unwatch(int descriptor) {
    const auto found = by_descriptor_.find(descriptor);
    if (found == by_descriptor_.end()) return;
    control(EPOLL_CTL_DEL, descriptor, nullptr);
    found->second->forgotten = true;
    unwatched_.splice(unwatched_.end(), watched_, found->second);
    by_descriptor_.erase(found);
  }

  void watch_socket(void* socket, Work ready) {
    sockets_.push_back({.socket = socket, .ready = std::move(ready)});
  }

  void unwatch_socket(void* socket) {
    for (auto& entry : sockets_) entry.forgotten = entry.forgotten || entry.socket == socket;
  }

  Hook at(Time when, Work work) {
    timers_.emplace(std::pair(when, ++last_id_), std::move(work));
    return last_id_;
  }
  Hook at_turn_end(Work work) { return add(turn_end_, std::move(work)); }
  Hook at_flush(Work work) { return add(flush_, std::move(work)); }
  Hook add_deadline(Deadline next) { return add(deadlines_, std::move(next)); }

  void forget(Hook hook) {
    forget_in(turn_end_, hook);
    forget_in(flush_, hook);
    forget_in(deadlines_, hook);
    std::erase_if(timers_, [hook](const auto& timer) { return timer.first.second == hook; });
  }

  void post(Work work) {
    bool first = false;
    {
      const std::lock_guard lock(posted_mutex_);
      first = posted_.empty();
      posted_.push_back(std::move(work));
    }
    if (first) wake();
  }

  void stop() {
    stopping_ = true;
    wake();
  }

  void run() {
    bool first_turn = true;
    while (!stopping_) {
      purge_all();
      wait(first_turn ? now_ : next_deadline());
      first_turn = false;
      turn();
    }
  }

  Time now() const { return now_; }
  void* context() const { return context_; }

 private:
  template <class Function>
  Hook add(Entries<Function>& entries, Function call) {
    entries.push_back({.id = ++last_id_, .call = std::move(call)});
    return last_id_;
  }

  void control(int operation, int descriptor, Entry<Work>* entry) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = entry;
    ::epoll_ctl(epoll_, operation, descriptor, &event);
  }

  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
  }

  void purge_all() {
    sockets_.remove_if([](const SocketEntry& entry) { return entry.forgotten; });
    purge(turn_end_);
    purge(flush_);
    purge(deadlines_);
    unwatched_.clear();
  }

  std::optional<Time> next_deadline() {
    std::optional<Time> earliest;
    if (!timers_.empty()) earliest = timers_.begin()->first.first;
    for (auto& entry : deadlines_) {
      const auto next = entry.forgotten ? std::nullopt : entry.call();
      if (next && (!earliest || *next < *earliest)) earliest = next;
    }
    return earliest;
  }

  void wait(std::optional<Time> deadline) {
    items_.clear();
    polled_.clear();
    items_.push_back({.socket = nullptr, .fd = epoll_, .events = ZMQ_POLLIN, .revents = 0});
    for (auto& entry : sockets_) {
      items_.push_back({.socket = entry.socket, .fd = 0, .events = ZMQ_POLLIN, .revents = 0});
      polled_.push_back(&entry);
    }
    const long timeout = poll_timeout(deadline, clock_.now());
    const int ready = ::zmq_poll(items_.data(), static_cast<int>(items_.size()), timeout);
    if (ready <= 0) {
      for (auto& item : items_) item.revents = 0;  // a signal came in between, or time is up
    }
  }

  void turn() {
    now_ = clock_.now();
    std::array<epoll_event, 256> events;  // NOLINT: filled by epoll_wait
    const int count = items_[0].revents == 0 ? 0 : ::epoll_wait(epoll_, events.data(), 256, 0);
    run_posted();
    for (std::size_t i = 0; i < polled_.size(); ++i) {
      if (items_[i + 1].revents != 0 && !polled_[i]->forgotten) polled_[i]->ready();
    }
    for (int i = 0; i < count; ++i) {
      auto* entry = static_cast<Entry<Work>*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (entry != nullptr && !entry->forgotten) entry->call();
    }
    fire_timers();
    call_all(turn_end_);
    call_all(flush_);
  }

  void run_posted() {
    std::vector<Work> work;
    {
      const std::lock_guard lock(posted_mutex_);
      work.swap(posted_);
      // Under the lock: a wake-up that comes later belongs to something posted later.
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = ::read(wake_, &count, sizeof count);
    }
    for (auto& item : work) item();
  }

  // Those that are added meanwhile wait for the next turn, so that none can keep this one going.
  void fire_timers() {
    const std::uint64_t last = last_id_;
    while (!timers_.empty()) {
      const auto [when, number] = timers_.begin()->first;
      if (when > now_ || number > last) return;
      const auto timer = timers_.extract(timers_.begin());
      timer.mapped()();
    }
  }

  Clock clock_;
  Time now_;
  void* context_ = nullptr;
  int wake_ = -1;
  int epoll_ = -1;  // holds wake_ and all watched descriptors, so that zmq_poll sees one of them
  std::atomic<bool> stopping_{false};

  // What other threads hand over: a queue, since each item is one-time work of arbitrary type, for
  // which an inproc socket would need the same allocation and a copy.
  std::mutex posted_mutex_;
  std::vector<Work> posted_;

  std::uint64_t last_id_ = 0;
  Timers timers_;
  Entries<Work> watched_;
  Entries<Work> unwatched_;  // in this turn, in which epoll may still name them
  std::unordered_map<int, Entries<Work>::iterator> by_descriptor_;  // into watched_
  std::list<SocketEntry> sockets_;
  Entries<Work> turn_end_;
  Entries<Work> flush_;
  Entries<Deadline> deadlines_;

  std::vector<zmq_pollitem_t> items_;  // epoll_, then polled_ in the same order
  std::vector<SocketEntry*> polled_;
};

Reactor::Reactor() : implementation_(std::make_unique<Implementation>()) {}
Reactor::~Reactor() = default;

void Reactor::watch(int descriptor, std::function<void()> ready) {
  implementation_->watch(descriptor, std::move(ready));
}

void Reactor::unwatch(int descriptor) {
  implementation_->unwatch(descriptor);
}

Reactor::Hook Reactor::at(Time when, std::function<void()> work) {
  return implementation_->at(when, std::move(work));
}

Reactor::Hook Reactor::at_turn_end(std::function<void()> work) {
  return implementation_->at_turn_end(std::move(work));
}

Reactor::Hook Reactor::add_deadline(std::function<std::optional<Time>()> next) {
  return implementation_->add_deadline(std::move(next));
}

Reactor::Hook Reactor::at_flush(std::function<void()> work) {
  return implementation_->at_flush(std::move(work));
}

void Reactor::forget(Hook hook) {
  implementation_->forget(hook);
}
Time Reactor::now() const {
  return implementation_->now();
}
void Reactor::run() {
  implementation_->run();
}
void Reactor::post(std::function<void()> work) {
  implementation_->post(std::move(work));
}
void Reactor::stop() {
  implementation_->stop();
}
void* Reactor::context() const {
  return implementation_->context();
}

void Reactor::watch_socket(void* socket, std::function<void()> ready) {
  implementation_->watch_socket(socket, std::move(ready));
}

void Reactor::unwatch_socket(void* socket) {
  implementation_->unwatch_socket(socket);
}

}  // namespace mesolite::net

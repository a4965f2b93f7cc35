#include "kernel/modules/isolator_seat.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <utility>

namespace mesolite::modules {
namespace {

// Containers whose cleanup failed; the oldest is forgotten first.
constexpr std::size_t orphans_max = 10'000;

void make_readable(const Descriptor& event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event.get(), &one, sizeof one);
}

void make_unreadable(const Descriptor& event) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(event.get(), &count, sizeof count);
}

// Copies of the descriptors in an answer, whose list keeps the paths alone.
Result<std::vector<Descriptor>> take_descriptors(const Hosted<Isolator>& isolator,
                                                 WatchAnswer& answer) {
  std::vector<Descriptor> copies;
  for (const WatchedFile& file : answer.files) {
    if (file.descriptor < 0) continue;
    if (isolator.process != nullptr) {
      auto copy = isolator.process->copy_descriptor(file.descriptor);
      if (!copy) return tl::unexpected(copy.error());
      copies.push_back(std::move(*copy));
      continue;
    }
    Descriptor copy(::fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0));
    if (!copy) return system_failure("cannot copy a watched descriptor", errno);
    copies.push_back(std::move(copy));
  }
  std::erase_if(answer.files, [](const WatchedFile& file) { return file.descriptor >= 0; });
  return copies;
}

bool is_stale(const Hosted<Isolator>& isolator) {
  return isolator.process != nullptr && !isolator.process->current();
}

}  // namespace

IsolatorSeat::IsolatorSeat(Hosted<Isolator> isolator)
    : fresh_(std::make_shared<Descriptor>(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {
  serve(std::move(isolator));
}

IsolatorSeat::~IsolatorSeat() = default;

void IsolatorSeat::serve(Hosted<Isolator> isolator) {
  isolator_ = std::move(isolator);
  taught_ = true;
  if (isolator_.process == nullptr) return;
  isolator_.process->on_fresh([fresh = fresh_] { make_readable(*fresh); });
}

// ---- what a fresh instance has to know
// -----------------------------------------------------------

Result<IsolatorSeat::Watched> IsolatorSeat::teach(Hosted<Isolator>& isolator) const {
  if (isolator.process != nullptr) isolator.process->resume();
  Isolator& module = *isolator.module;
  if (probe_) {
    if (const auto probed = module.probe(*probe_); !probed) return tl::unexpected(probed.error());
  }
  RecoverRequest living;
  for (const auto& [id, container] : containers_) living.containers.push_back(container.context);
  living.orphans.assign(orphans_.begin(), orphans_.end());
  if (const auto recovered = module.recover(living); !recovered) {
    return tl::unexpected(recovered.error());
  }
  Watched watched;
  for (const auto& [id, container] : containers_) {
    if (!container.poll) continue;
    auto answer = module.watch(container.context);
    if (!answer) return tl::unexpected(answer.error());
    auto descriptors = take_descriptors(isolator, *answer);
    if (!descriptors) return tl::unexpected(descriptors.error());
    watched[id] = std::move(*descriptors);
  }
  return watched;
}

Result<Isolator*> IsolatorSeat::current() {
  if (taught_ && !is_stale(isolator_)) return isolator_.module.get();
  make_unreadable(*fresh_);
  taught_ = false;
  auto watched = teach(isolator_);
  if (!watched) return tl::unexpected(watched.error());
  taught_ = true;
  orphans_.clear();
  if (const Status polled = poll(std::move(*watched)); !polled) {
    return tl::unexpected(polled.error());
  }
  return isolator_.module.get();
}

Status IsolatorSeat::poll(Watched watched) {
  for (auto& [id, descriptors] : watched) {
    Container& container = containers_.at(id);
    container.watched.clear();  // closed, they leave the epoll
    if (const Status polled = poll(container, std::move(descriptors)); !polled) return polled;
  }
  return {};
}

Status IsolatorSeat::poll(Container& container, Descriptors descriptors) const {
  const auto add = [&](const Descriptor& descriptor) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLPRI;
    return ::epoll_ctl(container.poll.get(), EPOLL_CTL_ADD, descriptor.get(), &event) == 0;
  };
  if (!container.poll) {
    container.poll = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
    if (!container.poll || !add(*fresh_)) return system_failure("cannot poll", errno);
  }
  for (Descriptor& descriptor : descriptors) {
    if (!add(descriptor)) return system_failure("cannot poll what the module watches", errno);
    container.watched.push_back(std::move(descriptor));
  }
  return {};
}

// ---- calls
// ---------------------------------------------------------------------------------------

template <class Response, class Request>
Result<Response> IsolatorSeat::ask(Result<Response> (Isolator::*method)(const Request&),
                                   const Request& request) {
  const auto module = current();
  if (!module) return tl::unexpected(module.error());
  return ((*module)->*method)(request);
}

Result<Nothing> IsolatorSeat::probe(const IsolatorProbe& probe) {
  const std::lock_guard lock(mutex_);
  auto answer = ask(&Isolator::probe, probe);
  if (answer) probe_ = probe;
  return answer;
}

Result<Contribution> IsolatorSeat::prepare(const ContainerContext& container) {
  const std::lock_guard lock(mutex_);
  auto answer = ask(&Isolator::prepare, container);
  containers_[container.id].context = container;  // one that fails half-way is cleaned up too
  return answer;
}

Result<Nothing> IsolatorSeat::isolate(const ContainerContext& container) {
  const std::lock_guard lock(mutex_);
  auto answer = ask(&Isolator::isolate, container);
  containers_[container.id].context = container;
  return answer;
}

Result<WatchAnswer> IsolatorSeat::watch(const ContainerContext& container) {
  const std::lock_guard lock(mutex_);
  auto answer = ask(&Isolator::watch, container);
  if (!answer) return answer;
  auto descriptors = take_descriptors(isolator_, *answer);
  if (!descriptors) return tl::unexpected(descriptors.error());
  if (descriptors->empty()) return answer;
  Container& known = containers_[container.id];
  if (const Status polled = poll(known, std::move(*descriptors)); !polled) {
    return tl::unexpected(polled.error());
  }
  answer->files.push_back({known.poll.get(), ""});
  return answer;
}

Result<CheckAnswer> IsolatorSeat::check(const ContainerContext& container) {
  const std::lock_guard lock(mutex_);
  return ask(&Isolator::check, container);
}

Result<Nothing> IsolatorSeat::update(const ContainerContext& container) {
  const std::lock_guard lock(mutex_);
  auto answer = ask(&Isolator::update, container);
  if (answer) containers_[container.id].context = container;
  return answer;
}

Result<UsageAnswer> IsolatorSeat::usage(const ContainerContext& container) {
  const std::lock_guard lock(mutex_);
  return ask(&Isolator::usage, container);
}

Result<Nothing> IsolatorSeat::cleanup(const ContainerContext& container) {
  const std::lock_guard lock(mutex_);
  containers_.erase(container.id);  // not to be told to a fresh instance as living
  auto answer = ask(&Isolator::cleanup, container);
  if (answer) return answer;
  if (orphans_.size() >= orphans_max) orphans_.pop_front();
  orphans_.push_back(container.id);
  return answer;
}

Result<Nothing> IsolatorSeat::recover(const RecoverRequest& request) {
  const std::lock_guard lock(mutex_);
  auto answer = ask(&Isolator::recover, request);
  for (const auto& context : request.containers) containers_[context.id].context = context;
  return answer;
}

// ---- replacement
// ---------------------------------------------------------------------------------

Status IsolatorSeat::replace(Hosted<Isolator> successor) {
  const std::lock_guard lock(mutex_);
  auto watched = teach(successor);
  if (!watched) return tl::unexpected(watched.error());
  serve(std::move(successor));
  orphans_.clear();
  return poll(std::move(*watched));
}

}  // namespace mesolite::modules

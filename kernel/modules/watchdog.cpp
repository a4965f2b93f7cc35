#include "kernel/modules/watchdog.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "mesolite/base/text.hpp"

namespace mesolite::modules {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int looks_per_limit = 4;

std::int64_t ticks() {
  return Clock::now().time_since_epoch().count();
}

Duration since(std::int64_t start) {
  return std::chrono::duration_cast<Duration>(Clock::duration(ticks() - start));
}

}  // namespace

class Watchdog::Watched final : public ModuleInstance {
 public:
  Watched(Watchdog& watchdog, std::unique_ptr<ModuleInstance> module, Rule rule)
      : watchdog_(watchdog), module_(std::move(module)), rule_(rule) {}
  ~Watched() override { watchdog_.forget(*this); }

  Result<std::string> call(std::uint32_t method, std::string_view request) override {
    const std::int64_t start = ticks();
    method_.store(method, std::memory_order_relaxed);
    start_.store(start, std::memory_order_release);
    auto answer = module_->call(method, request);
    start_.store(0, std::memory_order_release);
    if (since(start) >= rule_.limit) ++*rule_.overruns;
    return answer;
  }
  const std::string& title() const override { return module_->title(); }

  // [watchdog's thread] Names a call once.
  void look() {
    const std::int64_t start = start_.load(std::memory_order_acquire);
    if (start == 0 || start == named_ || since(start) < rule_.limit) return;
    named_ = start;
    const auto elapsed = std::chrono::floor<std::chrono::milliseconds>(since(start));
    rule_.host->log(Severity::error,
                    "its method " +
                        std::string(rule_.method_name(method_.load(std::memory_order_relaxed))) +
                        " has been running for " + to_text(elapsed) + ", and still does");
  }

 private:
  Watchdog& watchdog_;
  std::unique_ptr<ModuleInstance> module_;
  const Rule rule_;
  std::atomic<std::int64_t> start_{0};  // of the call under way; 0: there is none
  std::atomic<std::uint32_t> method_{0};
  std::int64_t named_ = 0;  // [watchdog's thread]
};

Watchdog::Watchdog() : thread_([this] { run(); }) {
  ::pthread_setname_np(thread_.native_handle(), "watchdog");
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::unique_ptr<ModuleInstance> Watchdog::watch(std::unique_ptr<ModuleInstance> module, Rule rule) {
  auto watched = std::make_unique<Watched>(*this, std::move(module), rule);
  {
    const std::lock_guard lock(mutex_);
    watched_.push_back(watched.get());
    pause_ = std::min<Duration>(pause_, rule.limit / looks_per_limit);
  }
  changed_.notify_all();
  return watched;
}

void Watchdog::forget(const Watched& watched) {
  const std::lock_guard lock(mutex_);
  watched_.remove(const_cast<Watched*>(&watched));
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto pause = std::chrono::duration_cast<Clock::duration>(pause_);
    changed_.wait_for(lock, std::max<Clock::duration>(pause, std::chrono::milliseconds(1)));
    for (Watched* watched : watched_) watched->look();
  }
}

}  // namespace mesolite::modules

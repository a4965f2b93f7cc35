// Watchdog: names calls into modules of this process that take too long, while they last; nothing
// else could be done about them. (A module in a process of its own is cut off instead.)
//
// One thread looks at all watched modules, several times within the shortest limit. A call costs
// two stores to memory that nobody else writes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "mesolite/base/time.hpp"
#include "mesolite/module/host.hpp"
#include "mesolite/module/kind.hpp"

namespace mesolite::modules {

class Watchdog {
 public:
  Watchdog();
  // REQUIRES: what it watches is gone.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  struct Rule {
    Duration limit{10s};  // a call that takes longer is named
    const char* (*method_name)(std::uint32_t) = nullptr;
    Host* host = nullptr;                            // hears of it; outlives the instance
    std::atomic<std::uint64_t>* overruns = nullptr;  // counts them; likewise
  };
  // The same module, watched. One call at a time, on any thread.
  std::unique_ptr<ModuleInstance> watch(std::unique_ptr<ModuleInstance> module, Rule rule);

 private:
  class Watched;

  void run();
  void forget(const Watched& watched);

  // Guards the list, `pause_` and `stopping_`; calls do not take it.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Watched*> watched_;
  Duration pause_{1h};
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace mesolite::modules

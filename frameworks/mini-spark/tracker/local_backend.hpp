// LocalBackend: `local[N]`: N threads of the driver's process run the tasks, on the nodes
// themselves. Owned by the SparkContext.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "frameworks/mini-spark/engine/environment.hpp"
#include "frameworks/mini-spark/tracker/driver_core.hpp"

namespace mesolite::spark {

class LocalBackend final : public Backend {
 public:
  // Both outlive the backend.
  LocalBackend(DriverCore& core, Environment& environment);
  ~LocalBackend() override;  // waits for the tasks that run, after asking them to stop

  void wake() override;
  void kill(ExecutorNumber executor, std::uint64_t serial) override;
  void forget_shuffle(std::uint64_t shuffle) override;
  void forget_cached(std::uint64_t rdd) override;
  std::uint32_t slots() const override { return environment_.options.slots; }

 private:
  static constexpr ExecutorNumber own_number = 1;

  void work(const std::stop_token& stop);
  void run(const Assignment& assignment);

  DriverCore& core_;
  Environment& environment_;
  std::mutex mutex_;  // guards all below; held for moments only
  std::condition_variable_any woken_;
  std::uint64_t wakes_ = 0;
  std::map<std::uint64_t, std::stop_source> running_;  // by serial
  std::vector<std::jthread> threads_;                  // last: they use all above
};

}  // namespace mesolite::spark

// BusDetector: the detector of a master that is named by its HTTP address. It asks GET /bus, again
// and again with growing pauses until there is an answer.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "mesolite/base/random.hpp"
#include "mesolite/base/time.hpp"
#include "sdk/detection/detector.hpp"

namespace mesolite::detection {

// Asks the master at "host:port" once for its leader; of that, it tells bus, epoch and cluster.
Result<MasterInfo> ask_leader(const std::string& master, Duration timeout);

class BusDetector final : public Detector {
 public:
  // `master` is "host:port"; pauses are drawn from `seed`.
  BusDetector(std::string master, std::uint64_t seed);
  // Ends its thread, at the latest when the question under way has been answered or given up.
  ~BusDetector() override;

  void detect(Handler handler) override;
  void look_again() override;

 private:
  void run(const Handler& handler);
  // False when it shall end.
  bool wait_for_question();
  bool pause(Duration duration);

  const std::string master_;
  Random random_;  // of the thread
  // Guards the two wishes that other threads have of this one.
  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = true;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace mesolite::detection

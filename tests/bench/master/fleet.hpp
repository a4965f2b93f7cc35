// Fleet: the frames that many agents and schedulers would send to a master, made when they are
// asked for and kept by nobody.
#pragma once

#include <string>
#include <vector>

#include "tests/bench/master/lone_master.hpp"

namespace mesolite::bench {

struct FleetSize {
  std::size_t agents = 0;
  std::size_t tasks_per_agent = 0;  // of two frameworks, in one executor each
  std::size_t frameworks = 100;
};

class Fleet {
 public:
  explicit Fleet(const FleetSize& size) : size_(size) {}

  // Hello and RegisterAgent; with `returning`, as one that the master gave this number to before,
  // and with all that runs there.
  LoneMaster::Frame agent_hello(std::size_t agent) const;
  LoneMaster::Frame agent_registers(std::size_t agent, bool returning) const;
  LoneMaster::Frame scheduler_hello(std::size_t scheduler) const;
  LoneMaster::Frame scheduler_subscribes(std::size_t scheduler, bool returning) const;

  const FleetSize& size() const { return size_; }

 private:
  FrameworkInfo framework(std::size_t number, bool returning) const;
  void add_running(std::size_t agent, RegisterAgent& request) const;

  const FleetSize size_;
};

}  // namespace mesolite::bench

// Ensemble: three ZooKeeper servers as child processes on free ports of loopback.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/program.hpp"

namespace mesolite::harness {

class Ensemble {
 public:
  // Waits until a majority answers; fails the test if that does not come.
  Ensemble();
  ~Ensemble();
  Ensemble(const Ensemble&) = delete;
  Ensemble& operator=(const Ensemble&) = delete;

  // "zk://127.0.0.1:p1,127.0.0.1:p2,127.0.0.1:p3/path"
  std::string url(const std::string& path) const;
  // Stops all servers as a frozen machine does, and lets them go on.
  void freeze();
  void thaw();

 private:
  bool answers() const;

  Scratch files_;
  std::vector<std::uint16_t> ports_;  // for clients
  std::vector<std::unique_ptr<Program>> servers_;
};

// Why there can be no ensemble here; "" if there can.
std::string ensemble_problem();

// A port of loopback that was free a moment ago.
std::uint16_t free_port();

}  // namespace mesolite::harness

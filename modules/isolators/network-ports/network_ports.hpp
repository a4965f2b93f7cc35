// NetworkPortsIsolator: holds containers to the ports that they were given. See the README.
#pragma once

#include <cstdint>
#include <string>

#include "listeners.hpp"
#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"
#include "mesolite/module/processes.hpp"

namespace mesolite::network_ports {

struct Parameters {
  std::int64_t watch_interval_ms = 30'000;
  bool enforce = true;  // else such a container is only named in the log
  std::string proc = "/proc";
  MESOLITE_FIELDS(watch_interval_ms, enforce, proc);
};

class NetworkPortsIsolator final : public Isolator {
 public:
  NetworkPortsIsolator(const Parameters& parameters, Host& host)
      : parameters_(parameters), host_(host), processes_(parameters.proc) {}

  Result<Contribution> prepare(const ContainerContext&) override { return unattended(); }
  Result<WatchAnswer> watch(const ContainerContext& container) override;
  Result<CheckAnswer> check(const ContainerContext& container) override;

 private:
  Parameters parameters_;
  Host& host_;
  ProcessTable processes_;
};

}  // namespace mesolite::network_ports

// PosixCpuIsolator: accounts for CPU time from /proc. See the README.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"
#include "mesolite/module/processes.hpp"

namespace mesolite::posix_cpu {

struct Parameters {
  std::string proc = "/proc";
  std::int64_t scan_interval_ms = 200;
  MESOLITE_FIELDS(proc, scan_interval_ms);
};

class PosixCpuIsolator final : public Isolator {
 public:
  PosixCpuIsolator(const Parameters& parameters, Host&)
      : processes_(parameters.proc, std::chrono::milliseconds(parameters.scan_interval_ms)) {}

  Result<Contribution> prepare(const ContainerContext&) override { return unattended(); }
  Result<UsageAnswer> usage(const ContainerContext& container) override;
  Result<Nothing> cleanup(const ContainerContext& container) override;

 private:
  struct Times {
    Duration user{0};
    Duration system{0};
  };

  ProcessTable processes_;
  std::map<ContainerId, Times> reported_;  // the most so far: what is reported never falls
};

}  // namespace mesolite::posix_cpu

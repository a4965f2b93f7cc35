// PosixMemIsolator: accounts for resident memory from /proc. See the README.
#pragma once

#include <cstdint>
#include <string>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"
#include "mesolite/module/processes.hpp"

namespace mesolite::posix_mem {

struct Parameters {
  std::string proc = "/proc";
  std::int64_t scan_interval_ms = 200;
  MESOLITE_FIELDS(proc, scan_interval_ms);
};

class PosixMemIsolator final : public Isolator {
 public:
  PosixMemIsolator(const Parameters& parameters, Host&)
      : processes_(parameters.proc, std::chrono::milliseconds(parameters.scan_interval_ms)) {}

  Result<Contribution> prepare(const ContainerContext&) override { return unattended(); }
  Result<UsageAnswer> usage(const ContainerContext& container) override;

 private:
  ProcessTable processes_;
};

}  // namespace mesolite::posix_mem

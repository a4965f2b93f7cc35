// PosixDiskIsolator: how much a sandbox may hold. See the README.
#pragma once

#include <cstdint>
#include <memory>

#include "disk_meter.hpp"
#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::posix_disk {

struct Parameters {
  std::int64_t watch_interval_ms = 15'000;  // between two measurements of a sandbox
  bool enforce = true;                      // else only measures
  MESOLITE_FIELDS(watch_interval_ms, enforce);
};

class PosixDiskIsolator final : public Isolator {
 public:
  PosixDiskIsolator(const Parameters& parameters, Host&)
      : parameters_(parameters), meter_(std::chrono::milliseconds(parameters.watch_interval_ms)) {}

  Result<Contribution> prepare(const ContainerContext&) override { return unattended(); }
  Result<WatchAnswer> watch(const ContainerContext& container) override;
  Result<CheckAnswer> check(const ContainerContext& container) override;
  Result<Nothing> update(const ContainerContext& container) override;
  Result<UsageAnswer> usage(const ContainerContext& container) override;
  Result<Nothing> cleanup(const ContainerContext& container) override;

 private:
  Parameters parameters_;
  DiskMeter meter_;
};

}  // namespace mesolite::posix_disk

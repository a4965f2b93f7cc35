// PosixRlimitsIsolator: limits of setrlimit(2). See the README.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::posix_rlimits {

struct Parameters {
  std::vector<std::string> defaults = {"core=0"};  // "nofile=1024:4096", "stack=unlimited"
  std::vector<std::string> maxima = {};            // that no container may ask to exceed
  MESOLITE_FIELDS(defaults, maxima);
};

// Reads "nofile=1024:4096" (soft:hard) or "core=0" (both).
Result<Rlimit> parse_rlimit(std::string_view text);

class PosixRlimitsIsolator final : public Isolator {
 public:
  // Fails on a limit that is none.
  static Result<std::unique_ptr<PosixRlimitsIsolator>> create(const Parameters& parameters, Host&);

  Result<Contribution> prepare(const ContainerContext& container) override;

 private:
  using Limits = std::map<std::string, Rlimit>;
  PosixRlimitsIsolator(Limits defaults, Limits maxima)
      : defaults_(std::move(defaults)), maxima_(std::move(maxima)) {}

  Limits defaults_;
  Limits maxima_;
};

}  // namespace mesolite::posix_rlimits

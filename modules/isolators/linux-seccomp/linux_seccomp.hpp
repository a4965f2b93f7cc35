// LinuxSeccompIsolator: which system calls a container may make. See the README.
#pragma once

#include <memory>
#include <string>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::linux_seccomp {

struct Parameters {
  std::string profile;  // a JSON file in Docker's format; empty: the built-in one
  MESOLITE_FIELDS(profile);
};

class LinuxSeccompIsolator final : public Isolator {
 public:
  // Fails on a profile that cannot be read or compiled.
  static Result<std::unique_ptr<LinuxSeccompIsolator>> create(const Parameters& parameters, Host&);

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;

 private:
  explicit LinuxSeccompIsolator(std::string filter) : filter_(std::move(filter)) {}

  std::string filter_;  // compiled once, for all containers
};

}  // namespace mesolite::linux_seccomp

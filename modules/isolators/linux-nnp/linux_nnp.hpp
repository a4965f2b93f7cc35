// LinuxNnpIsolator: no_new_privs (prctl(2)) for every container. See the README.
#pragma once

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::linux_nnp {

class LinuxNnpIsolator final : public Isolator {
 public:
  LinuxNnpIsolator(const Nothing&, Host&) {}

  Result<Contribution> prepare(const ContainerContext& container) override;
};

}  // namespace mesolite::linux_nnp

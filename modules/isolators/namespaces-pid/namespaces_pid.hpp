// PidNamespaceIsolator: a namespace of processes for each container. See the README.
#pragma once

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::namespaces_pid {

struct Parameters {
  bool hide_kernel = true;  // cover what /proc shows of the machine and no container needs
  MESOLITE_FIELDS(hide_kernel);
};

class PidNamespaceIsolator final : public Isolator {
 public:
  PidNamespaceIsolator(const Parameters& parameters, Host&) : parameters_(parameters) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;

 private:
  Parameters parameters_;
};

}  // namespace mesolite::namespaces_pid

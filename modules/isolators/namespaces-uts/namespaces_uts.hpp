// UtsNamespaceIsolator: a host name for each container. See the README.
#pragma once

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::namespaces_uts {

struct Parameters {
  MESOLITE_FIELDS();
};

class UtsNamespaceIsolator final : public Isolator {
 public:
  UtsNamespaceIsolator(const Parameters&, Host&) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;
};

}  // namespace mesolite::namespaces_uts

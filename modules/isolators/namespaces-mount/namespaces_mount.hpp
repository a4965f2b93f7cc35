// MountNamespaceIsolator: a namespace of mounts for each container. See the README.
#pragma once

#include <string>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::namespaces_mount {

struct Parameters {
  bool private_tmp = false;         // a /tmp of the container's own, in memory
  bool hide_work_directory = true;  // the agent's, but for the container's own sandbox
  MESOLITE_FIELDS(private_tmp, hide_work_directory);
};

class MountNamespaceIsolator final : public Isolator {
 public:
  MountNamespaceIsolator(const Parameters& parameters, Host&) : parameters_(parameters) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;

 private:
  Parameters parameters_;
  std::string work_dir_;
};

}  // namespace mesolite::namespaces_mount

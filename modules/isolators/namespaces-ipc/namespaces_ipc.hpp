// IpcNamespaceIsolator: a namespace of System V and POSIX IPC for each container. See the README.
#pragma once

#include <string>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::namespaces_ipc {

struct Parameters {
  std::string shm_size = "64m";  // of /dev/shm, as tmpfs(5) takes it
  MESOLITE_FIELDS(shm_size);
};

class IpcNamespaceIsolator final : public Isolator {
 public:
  IpcNamespaceIsolator(const Parameters& parameters, Host&) : parameters_(parameters) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;

 private:
  Parameters parameters_;
};

}  // namespace mesolite::namespaces_ipc

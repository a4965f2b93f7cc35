#include "namespaces_ipc.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace mesolite::namespaces_ipc {

Result<Nothing> IpcNamespaceIsolator::probe(const IsolatorProbe&) {
  if (::access("/proc/self/ns/ipc", F_OK) != 0) return failure("this kernel has no IPC namespaces");
  if (::geteuid() != 0) return failure("only root makes IPC namespaces");
  return Nothing{};
}

Result<Contribution> IpcNamespaceIsolator::prepare(const ContainerContext&) {
  constexpr std::uint64_t flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  Contribution contribution = unattended();
  contribution.clone_flags = CLONE_NEWIPC | CLONE_NEWNS;
  contribution.mounts.push_back(
      {"shm", "/dev/shm", "tmpfs", flags, "mode=1777,size=" + parameters_.shm_size});
  return contribution;
}

}  // namespace mesolite::namespaces_ipc

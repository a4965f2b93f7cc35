#include "namespaces_pid.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace mesolite::namespaces_pid {

Result<Nothing> PidNamespaceIsolator::probe(const IsolatorProbe&) {
  if (::access("/proc/self/ns/pid", F_OK) != 0) {
    return failure("this kernel has no namespaces of processes");
  }
  if (::geteuid() != 0) return failure("only root makes namespaces of processes");
  return Nothing{};
}

Result<Contribution> PidNamespaceIsolator::prepare(const ContainerContext&) {
  Contribution contribution = unattended();
  contribution.clone_flags = CLONE_NEWPID | CLONE_NEWNS;
  // Programs read of processes there: it must be that of the namespace.
  contribution.mounts = {{"proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, ""}};
  if (parameters_.hide_kernel) {
    contribution.masked_paths = {"/proc/kcore", "/proc/keys", "/proc/timer_list",
                                 "/proc/sched_debug", "/proc/scsi"};
    contribution.read_only_paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                    "/proc/sysrq-trigger"};
  }
  return contribution;
}

}  // namespace mesolite::namespaces_pid

#include "namespaces_mount.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace mesolite::namespaces_mount {

Result<Nothing> MountNamespaceIsolator::probe(const IsolatorProbe& probe) {
  if (::geteuid() != 0) return failure("only root makes namespaces of mounts");
  work_dir_ = probe.work_dir;
  return Nothing{};
}

Result<Contribution> MountNamespaceIsolator::prepare(const ContainerContext& container) {
  Contribution contribution = unattended();
  contribution.clone_flags = CLONE_NEWNS;
  if (parameters_.hide_work_directory && !work_dir_.empty() &&
      container.sandbox.starts_with(work_dir_ + "/")) {
    // The launcher takes hold of all sources before it covers anything.
    contribution.mounts = {
        {"hidden", work_dir_, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=1m"},
        {container.sandbox, container.sandbox, "", 0, ""},
    };
  }
  if (parameters_.private_tmp) {
    contribution.mounts.push_back({"tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"});
  }
  return contribution;
}

}  // namespace mesolite::namespaces_mount

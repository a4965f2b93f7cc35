#include "linux_nnp.hpp"

namespace mesolite::linux_nnp {

Result<Contribution> LinuxNnpIsolator::prepare(const ContainerContext&) {
  Contribution contribution = unattended();
  contribution.no_new_privileges = true;
  return contribution;
}

}  // namespace mesolite::linux_nnp

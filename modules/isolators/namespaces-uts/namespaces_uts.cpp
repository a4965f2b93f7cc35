#include "namespaces_uts.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace mesolite::namespaces_uts {
namespace {

constexpr std::size_t hostname_length_max = 63;  // of a label (RFC 1123); the kernel takes one more

// What the task asks for, else the end of the container's id, which differs from its neighbours'.
std::string hostname_of(const ContainerContext& container) {
  if (!container.spec.hostname.empty()) return container.spec.hostname;
  std::string name = container.id.value;
  if (name.size() > hostname_length_max) name.erase(0, name.size() - hostname_length_max);
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == '_' || c == ':'; }, '-');
  return name;
}

}  // namespace

Result<Nothing> UtsNamespaceIsolator::probe(const IsolatorProbe&) {
  if (::access("/proc/self/ns/uts", F_OK) != 0) return failure("this kernel has no UTS namespaces");
  if (::geteuid() != 0) return failure("only root makes UTS namespaces");
  return Nothing{};
}

Result<Contribution> UtsNamespaceIsolator::prepare(const ContainerContext& container) {
  Contribution contribution = unattended();
  contribution.clone_flags = CLONE_NEWUTS;
  contribution.hostname = hostname_of(container);
  if (contribution.hostname.size() > hostname_length_max) {
    return failure("the host name '" + contribution.hostname + "' is longer than " +
                   std::to_string(hostname_length_max) + " characters");
  }
  return contribution;
}

}  // namespace mesolite::namespaces_uts

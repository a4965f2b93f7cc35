#include "kernel/container/launcher/privileges.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <vector>

namespace mesolite::container {
namespace {

constexpr std::uint64_t all_capabilities = ~std::uint64_t{0};

bool is_root(const LaunchSpec& spec) {
  return (spec.identity ? spec.identity->uid : ::geteuid()) == 0;
}

std::uint64_t bounding_of(const LaunchSpec& spec) {
  const std::uint64_t bounding = spec.capability_bounding.value_or(all_capabilities);
  return is_root(spec) ? bounding & spec.capability_effective.value_or(all_capabilities) : bounding;
}

StepResult shrink_bounding_set(std::uint64_t kept) {
  if (kept == all_capabilities) return {};
  for (unsigned capability = 0; capability < 64; ++capability) {
    if ((kept >> capability & 1) != 0) continue;
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
    if (errno == EINVAL) break;  // beyond the last that this kernel knows
    return step_failure("cannot drop capability " + std::to_string(capability), errno);
  }
  return {};
}

StepResult set_identity(const Identity& identity) {
  std::vector<gid_t> groups(identity.groups.begin(), identity.groups.end());
  if (::syscall(SYS_setgroups, groups.size(), groups.data()) != 0) {
    return step_failure("cannot set the supplementary groups", errno);
  }
  if (::syscall(SYS_setresgid, identity.gid, identity.gid, identity.gid) != 0) {
    return step_failure("cannot set the group", errno);
  }
  if (::syscall(SYS_setresuid, identity.uid, identity.uid, identity.uid) != 0) {
    return step_failure("cannot set the user", errno);
  }
  return {};
}

// What of `wanted` this process may have.
std::uint64_t permitted_of(std::uint64_t wanted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return 0;
  return wanted & (data[0].permitted | std::uint64_t{data[1].permitted} << 32);
}

// Ambient too, so that the program of an ordinary user has them.
StepResult set_capabilities(std::uint64_t wanted) {
  const std::uint64_t granted = permitted_of(wanted);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (unsigned half = 0; half < 2; ++half) {
    const auto part = static_cast<std::uint32_t>(granted >> (32 * half));
    data[half] = {part, part, part};
  }
  if (::syscall(SYS_capset, &header, data) != 0) {
    return step_failure("cannot set the capabilities", errno);
  }
  for (unsigned capability = 0; capability < 64; ++capability) {
    if ((granted >> capability & 1) == 0) continue;
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0) continue;
    return step_failure("cannot keep capability " + std::to_string(capability), errno);
  }
  return {};
}

}  // namespace

StepResult drop_privileges(const LaunchSpec& spec) {
  StepResult done = shrink_bounding_set(bounding_of(spec));
  const bool keep = spec.capability_effective.value_or(0) != 0;
  if (done && keep && spec.identity && ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) {
    return step_failure("cannot keep capabilities", errno);
  }
  if (done && spec.identity) done = set_identity(*spec.identity);
  if (done && spec.capability_effective) done = set_capabilities(*spec.capability_effective);
  if (done && spec.no_new_privileges && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return step_failure("cannot forbid new privileges", errno);
  }
  return done;
}

}  // namespace mesolite::container

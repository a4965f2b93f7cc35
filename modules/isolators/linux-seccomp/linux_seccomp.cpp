#include "linux_seccomp.hpp"

#include <sys/prctl.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "profile.hpp"

namespace mesolite::linux_seccomp {
namespace {

Result<Profile> read_profile(const std::string& path) {
  if (path.empty()) return built_in_profile();
  std::ifstream file(path);
  if (!file) return failure("cannot read the profile '" + path + "'");
  std::stringstream text;
  text << file.rdbuf();
  auto profile = parse_profile(text.str());
  if (!profile) return failure("profile '" + path + "'", profile.error());
  return profile;
}

}  // namespace

Result<std::unique_ptr<LinuxSeccompIsolator>> LinuxSeccompIsolator::create(
    const Parameters& parameters, Host&) {
  const auto profile = read_profile(parameters.profile);
  if (!profile) return tl::unexpected(profile.error());
  auto filter = compile(*profile);
  if (!filter) return tl::unexpected(filter.error());
  return std::unique_ptr<LinuxSeccompIsolator>(new LinuxSeccompIsolator(std::move(*filter)));
}

Result<Nothing> LinuxSeccompIsolator::probe(const IsolatorProbe&) {
  if (::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
    return system_failure("this kernel has no seccomp filters", errno);
  }
  return Nothing{};
}

Result<Contribution> LinuxSeccompIsolator::prepare(const ContainerContext&) {
  Contribution contribution = unattended();
  contribution.seccomp_profile = Bytes(filter_);
  // Who may not administer the machine can only load a filter with this.
  contribution.no_new_privileges = true;
  return contribution;
}

}  // namespace mesolite::linux_seccomp

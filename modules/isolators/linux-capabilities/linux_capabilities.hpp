// LinuxCapabilitiesIsolator: which capabilities (capabilities(7)) are left. See the README.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::linux_capabilities {

struct Parameters {
  // That a container can ever have, as "NET_RAW" or "CAP_NET_RAW".
  std::vector<std::string> bounding = {"CHOWN",  "DAC_OVERRIDE", "FOWNER",           "FSETID",
                                       "KILL",   "SETGID",       "SETUID",           "SETPCAP",
                                       "MKNOD",  "AUDIT_WRITE",  "NET_BIND_SERVICE", "SYS_CHROOT",
                                       "SETFCAP"};
  // That it begins with, unless it asks for others of those above.
  std::vector<std::string> effective;
  MESOLITE_FIELDS(bounding, effective);
};

// One bit for each capability. Fails on a name that is none.
Result<std::uint64_t> capability_bits(const std::vector<std::string>& names);

class LinuxCapabilitiesIsolator final : public Isolator {
 public:
  // Fails on a capability that is none, and on an effective one that is not in the bounding set.
  static Result<std::unique_ptr<LinuxCapabilitiesIsolator>> create(const Parameters& parameters,
                                                                   Host&);

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;

 private:
  LinuxCapabilitiesIsolator(std::uint64_t bounding, std::uint64_t effective)
      : bounding_(bounding), effective_(effective) {}

  std::uint64_t bounding_;
  std::uint64_t effective_;
};

}  // namespace mesolite::linux_capabilities

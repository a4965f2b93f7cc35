#include "linux_capabilities.hpp"

#include <sys/capability.h>
#include <unistd.h>

#include "mesolite/base/text.hpp"

namespace mesolite::linux_capabilities {
namespace {

constexpr const char* own_key = "capabilities";  // a container's own: "NET_BIND_SERVICE,KILL"
constexpr std::string_view prefix = "cap_";

}  // namespace

Result<std::uint64_t> capability_bits(const std::vector<std::string>& names) {
  std::uint64_t bits = 0;
  for (const std::string& given : names) {
    std::string name = lower(trim(given));
    if (!name.starts_with(prefix)) name.insert(0, prefix);
    cap_value_t number = 0;
    if (::cap_from_name(name.c_str(), &number) != 0) {
      return failure("there is no capability '" + given + "'");
    }
    bits |= std::uint64_t{1} << number;
  }
  return bits;
}

Result<std::unique_ptr<LinuxCapabilitiesIsolator>> LinuxCapabilitiesIsolator::create(
    const Parameters& parameters, Host&) {
  const auto bounding = capability_bits(parameters.bounding);
  if (!bounding) return failure("parameter 'bounding'", bounding.error());
  const auto effective = capability_bits(parameters.effective);
  if (!effective) return failure("parameter 'effective'", effective.error());
  if ((*effective & ~*bounding) != 0) {
    return failure("parameter 'effective' holds a capability that is not in 'bounding'");
  }
  return std::unique_ptr<LinuxCapabilitiesIsolator>(
      new LinuxCapabilitiesIsolator(*bounding, *effective));
}

Result<Nothing> LinuxCapabilitiesIsolator::probe(const IsolatorProbe&) {
  if (::geteuid() != 0) return failure("only root can take capabilities away");
  return Nothing{};
}

Result<Contribution> LinuxCapabilitiesIsolator::prepare(const ContainerContext& container) {
  Contribution contribution = unattended();
  contribution.capability_bounding = bounding_;
  contribution.capability_effective = effective_;
  const auto own = container.spec.parameters.find(own_key);
  if (own == container.spec.parameters.end()) return contribution;
  std::vector<std::string> names;
  for (const std::string_view name : split(own->second, ',')) {
    if (!trim(name).empty()) names.emplace_back(trim(name));
  }
  const auto wanted = capability_bits(names);
  if (!wanted) return tl::unexpected(wanted.error());
  if ((*wanted & ~bounding_) != 0) {
    return failure("the container asks for capabilities '" + own->second +
                   "', of which this agent allows some to nobody");
  }
  contribution.capability_effective = *wanted;
  return contribution;
}

}  // namespace mesolite::linux_capabilities

#include "cgroups_cpuset.hpp"

#include <algorithm>
#include <cmath>

namespace mesolite::cgroups_cpuset {
namespace {

constexpr const char* cpus_file = "cpuset.cpus";
constexpr const char* own_choice = "cpuset.cpus";  // key of a container's own parameters

bool within(const CpuList& some, const CpuList& all) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

double cpus_of(const ContainerContext& container) {
  return static_cast<double>(container.requests.scalar("cpus")) / 1000;
}

}  // namespace

Result<std::unique_ptr<CgroupsCpusetIsolator>> CgroupsCpusetIsolator::create(
    const Parameters& parameters, Host&) {
  auto allowed = parse_cpus(parameters.cpus);
  if (!allowed) return failure("parameter 'cpus'", allowed.error());
  return std::unique_ptr<CgroupsCpusetIsolator>(new CgroupsCpusetIsolator(std::move(*allowed)));
}

Result<CpuList> CgroupsCpusetIsolator::available() {
  const auto on = version();
  if (!on) return tl::unexpected(on.error());
  CgroupFs& files = **groups();
  const bool v2 = *on == CgroupVersion::v2;
  if (auto made = files.make("", {"cpuset"}); !made) return tl::unexpected(made.error());
  const auto text = files.read("cpuset", "", v2 ? "cpuset.cpus.effective" : cpus_file);
  if (!text) return tl::unexpected(text.error());
  auto there = parse_cpus(*text);
  if (!there || allowed_.empty()) return there;
  if (!within(allowed_, *there)) {
    return failure("CPUs " + to_text(allowed_) + " are to be used, but there are only " + *text);
  }
  return allowed_;
}

Result<CpuList> CgroupsCpusetIsolator::choose(const ContainerContext& container) {
  auto there = available();
  if (!there) return there;
  if (const auto wanted = parameter_of(container, own_choice)) {
    auto cpus = parse_cpus(*wanted);
    if (!cpus) return failure("parameter '" + std::string(own_choice) + "'", cpus.error());
    if (cpus->empty() || !within(*cpus, *there)) {
      return failure("the container asks for CPUs '" + *wanted + "' of " + to_text(*there));
    }
    return cpus;
  }
  std::map<int, double> load;
  for (const auto& [id, pinned] : pinned_) {
    if (id == container.id) continue;
    for (const int cpu : pinned.cpus) load[cpu] += pinned.load_per_cpu;
  }
  std::stable_sort(there->begin(), there->end(), [&](int a, int b) { return load[a] < load[b]; });
  const auto count = static_cast<std::size_t>(std::max(1.0, std::ceil(cpus_of(container))));
  there->resize(std::min(there->size(), count));
  std::sort(there->begin(), there->end());
  return there;
}

void CgroupsCpusetIsolator::remember(const ContainerContext& container, CpuList cpus) {
  Pinned& pinned = pinned_[container.id];
  pinned.load_per_cpu =
      cpus_of(container) / static_cast<double>(std::max<std::size_t>(1, cpus.size()));
  pinned.cpus = std::move(cpus);
}

Result<Contribution> CgroupsCpusetIsolator::prepare(const ContainerContext& container) {
  auto cpus = choose(container);
  if (!cpus) return tl::unexpected(cpus.error());
  auto placed = place(container, {{cpus_file, to_text(*cpus)}});
  if (placed) remember(container, std::move(*cpus));
  return placed;
}

Result<Nothing> CgroupsCpusetIsolator::update(const ContainerContext& container) {
  auto cpus = choose(container);
  if (!cpus) return tl::unexpected(cpus.error());
  if (auto applied = apply(container, {{cpus_file, to_text(*cpus)}}); !applied) {
    return tl::unexpected(applied.error());
  }
  remember(container, std::move(*cpus));
  return Nothing{};
}

Result<UsageAnswer> CgroupsCpusetIsolator::usage(const ContainerContext& container) {
  UsageAnswer answer;
  if (const auto pinned = pinned_.find(container.id); pinned != pinned_.end()) {
    answer.statistics["cpuset_cpus"] = static_cast<double>(pinned->second.cpus.size());
  }
  return answer;
}

Result<Nothing> CgroupsCpusetIsolator::cleanup(const ContainerContext& container) {
  pinned_.erase(container.id);
  return CgroupIsolator::cleanup(container);
}

Result<Nothing> CgroupsCpusetIsolator::recover(const RecoverRequest& request) {
  for (const ContainerContext& container : request.containers) {
    auto opened = groups();
    if (!opened) return tl::unexpected(opened.error());
    const auto text = (*opened)->read("cpuset", name_of(container), cpus_file);
    if (!text) continue;  // from before this isolator
    if (auto cpus = parse_cpus(*text)) remember(container, std::move(*cpus));
  }
  return CgroupIsolator::recover(request);
}

}  // namespace mesolite::cgroups_cpuset

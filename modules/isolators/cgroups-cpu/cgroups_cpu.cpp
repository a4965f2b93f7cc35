#include "cgroups_cpu.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace mesolite::cgroups_cpu {
namespace {

// Of Mesos: shares of v1 and weights of v2 are both derived from cpus, so that two containers stand
// to each other alike on both.
constexpr double shares_per_cpu = 1024;
constexpr double shares_per_revocable_cpu = 10;
constexpr double shares_min = 2;
constexpr double weight_per_cpu = 100;
constexpr double weight_per_revocable_cpu = 1;
constexpr double weight_min = 1;
constexpr double weight_max = 10'000;
constexpr std::int64_t quota_min_us = 1'000;  // less is refused by the kernel

double cpus_of(const ContainerContext& container) {
  return static_cast<double>(container.requests.scalar("cpus")) / 1000;
}

bool is_revocable(const ContainerContext& container) {
  const auto& others = container.requests.others();
  return std::any_of(others.begin(), others.end(), [](const Resource& resource) {
    return resource.key.name == "cpus" && resource.key.revocable;
  });
}

bool is_cap(const std::string& file) {
  return file == "cpu.cfs_quota_us" || file == "cpu.max";
}

std::string whole(double value) {
  return std::to_string(std::llround(value));
}

}  // namespace

// Nothing: it may use what nobody else does.
std::optional<double> CgroupsCpuIsolator::cap(const ContainerContext& container) const {
  if (container.limits.cpus) {
    return std::isinf(*container.limits.cpus) ? std::nullopt : container.limits.cpus;
  }
  return parameters_.enable_cfs ? std::optional(cpus_of(container)) : std::nullopt;
}

Result<std::vector<CgroupIsolator::Setting>> CgroupsCpuIsolator::settings(
    const ContainerContext& container) {
  const auto on = version();
  if (!on) return tl::unexpected(on.error());
  const double cpus = cpus_of(container);
  const bool revocable = is_revocable(container);
  const auto most = cap(container);
  const std::string period = std::to_string(parameters_.cfs_period_us);
  const auto quota_us = [&] {
    const auto wanted = std::llround(*most * static_cast<double>(parameters_.cfs_period_us));
    return std::to_string(std::max<std::int64_t>(quota_min_us, wanted));
  };
  if (*on == CgroupVersion::v1) {
    const double shares = cpus * (revocable ? shares_per_revocable_cpu : shares_per_cpu);
    std::vector<Setting> wanted;
    if (most) wanted.push_back({"cpu.cfs_period_us", period});
    wanted.push_back({"cpu.cfs_quota_us", most ? quota_us() : "-1"});
    wanted.push_back({"cpu.shares", whole(std::max(shares_min, shares))});
    return wanted;
  }
  const double weight = cpus * (revocable ? weight_per_revocable_cpu : weight_per_cpu);
  return std::vector<Setting>{{"cpu.max", (most ? quota_us() : "max") + " " + period},
                              {"cpu.weight", whole(std::clamp(weight, weight_min, weight_max))}};
}

Result<Nothing> CgroupsCpuIsolator::probe(const IsolatorProbe& probe) {
  auto probed = CgroupIsolator::probe(probe);
  if (probed) weigh_all();
  return probed;
}

// All containers together stand against the rest of the machine as its CPUs do, not as one process
// of one CPU does. Who has given their group more is not contradicted.
void CgroupsCpuIsolator::weigh_all() {
  CgroupFs& files = **groups();
  const auto cpus = static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
  const bool v2 = files.version("cpu") == CgroupVersion::v2;
  const char* const file = v2 ? "cpu.weight" : "cpu.shares";
  const double wanted = v2 ? std::min(weight_max, cpus * weight_per_cpu) : cpus * shares_per_cpu;
  const auto now = files.read_number("cpu", "", file);
  if (now && static_cast<double>(*now) < wanted) (void)files.write("cpu", "", file, whole(wanted));
}

Result<Contribution> CgroupsCpuIsolator::prepare(const ContainerContext& container) {
  auto wanted = settings(container);
  if (!wanted) return tl::unexpected(wanted.error());
  // A new group has no cap.
  if (!cap(container))
    std::erase_if(*wanted, [](const Setting& each) { return is_cap(each.file); });
  return place(container, *wanted);
}

Result<Nothing> CgroupsCpuIsolator::update(const ContainerContext& container) {
  const auto wanted = settings(container);
  if (!wanted) return tl::unexpected(wanted.error());
  if (auto applied = apply(container, *wanted); !applied) return tl::unexpected(applied.error());
  return Nothing{};
}

void CgroupsCpuIsolator::add_times(const ContainerContext& container, UsageAnswer& answer) {
  CgroupFs& files = **groups();
  const std::string& name = name_of(container);
  const auto stat = files.read_table("cpu", name, "cpu.stat");
  const auto add = [&](const char* to, const auto& table, const char* key, double per_second) {
    if (!table) return;
    const auto found = table->find(key);
    if (found == table->end()) return;
    answer.statistics[to] = static_cast<double>(found->second) / per_second;
  };
  add("cpus_nr_periods", stat, "nr_periods", 1);
  add("cpus_nr_throttled", stat, "nr_throttled", 1);
  if (files.version("cpu") == CgroupVersion::v2) {
    add("cpus_throttled_time_secs", stat, "throttled_usec", 1e6);
    add("cpus_user_time_secs", stat, "user_usec", 1e6);
    add("cpus_system_time_secs", stat, "system_usec", 1e6);
    return;
  }
  add("cpus_throttled_time_secs", stat, "throttled_time", 1e9);
  static const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto times = files.read_table("cpuacct", name, "cpuacct.stat");
  add("cpus_user_time_secs", times, "user", ticks_per_second);
  add("cpus_system_time_secs", times, "system", ticks_per_second);
}

Result<UsageAnswer> CgroupsCpuIsolator::usage(const ContainerContext& container) {
  if (const auto on = version(); !on) return tl::unexpected(on.error());
  UsageAnswer answer;
  answer.statistics["cpus_soft_limit"] = cpus_of(container);
  answer.statistics["cpus_limit"] = cap(container).value_or(cpus_of(container));
  add_times(container, answer);
  add_pressure(container, "cpu", answer);
  return answer;
}

}  // namespace mesolite::cgroups_cpu

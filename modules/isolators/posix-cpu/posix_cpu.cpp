#include "posix_cpu.hpp"

#include <algorithm>

namespace mesolite::posix_cpu {

Result<UsageAnswer> PosixCpuIsolator::usage(const ContainerContext& container) {
  UsageAnswer answer;
  if (container.pid <= 0) return answer;
  const auto processes = processes_.container(container.pid);
  Times now;
  std::uint64_t threads = 0;
  for (const ProcessUsage& process : processes) {
    now.user += process.user_time;
    now.system += process.system_time;
    threads += process.threads;
  }
  Times& most = reported_[container.id];
  most = {std::max(most.user, now.user), std::max(most.system, now.system)};
  answer.statistics = {
      {"cpus_user_time_secs", to_seconds(most.user)},
      {"cpus_system_time_secs", to_seconds(most.system)},
      {"cpus_limit", static_cast<double>(container.requests.scalar("cpus")) / 1000},
      {"processes", static_cast<double>(processes.size())},
      {"threads", static_cast<double>(threads)},
  };
  return answer;
}

Result<Nothing> PosixCpuIsolator::cleanup(const ContainerContext& container) {
  reported_.erase(container.id);
  return Nothing{};
}

}  // namespace mesolite::posix_cpu

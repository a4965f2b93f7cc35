#include "posix_mem.hpp"

namespace mesolite::posix_mem {
namespace {

// Resources count memory in thousandths of a megabyte of 2^20 bytes.
constexpr double bytes_per_thousandth = 1024.0 * 1024.0 / 1000.0;

}  // namespace

Result<UsageAnswer> PosixMemIsolator::usage(const ContainerContext& container) {
  UsageAnswer answer;
  if (container.pid <= 0) return answer;
  std::uint64_t rss_bytes = 0;
  for (const ProcessUsage& process : processes_.container(container.pid)) {
    rss_bytes += process.rss_bytes;
  }
  const auto limit = static_cast<double>(container.requests.scalar("mem")) * bytes_per_thousandth;
  answer.statistics = {
      {"mem_rss_bytes", static_cast<double>(rss_bytes)},
      {"mem_total_bytes", static_cast<double>(rss_bytes)},
      {"mem_limit_bytes", limit},
  };
  return answer;
}

}  // namespace mesolite::posix_mem

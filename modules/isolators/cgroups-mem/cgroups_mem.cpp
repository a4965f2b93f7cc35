#include "cgroups_mem.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <limits>

namespace mesolite::cgroups_mem {
namespace {

constexpr const char* memory = "memory";
constexpr const char* memory_with_swap = "memory.memsw.limit_in_bytes";
constexpr std::uint64_t bytes_per_megabyte = 1 << 20;
constexpr std::chrono::milliseconds explanation_patience{500};
// The kernel's "no limit", rounded down to a page.
constexpr std::uint64_t unlimited = std::numeric_limits<std::int64_t>::max() - 4095;

std::uint64_t bytes_of(double megabytes) {
  return static_cast<std::uint64_t>(std::llround(bytes_of_megabytes(megabytes)));
}

std::string text_of(std::uint64_t bytes) {
  const std::uint64_t tenths = bytes * 10 / bytes_per_megabyte;
  const std::string rest = tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10);
  return std::to_string(tenths / 10) + rest + " MB";
}

std::uint64_t value(const std::map<std::string, std::uint64_t>& table, const char* key) {
  const auto found = table.find(key);
  return found == table.end() ? 0 : found->second;
}

// Whether there was anything to read.
bool drain(int descriptor) {
  std::array<char, 4096> ignored;
  bool any = false;
  while (::read(descriptor, ignored.data(), ignored.size()) > 0) any = true;
  return any;
}

}  // namespace

CgroupsMemIsolator::~CgroupsMemIsolator() {
  for (const auto& [id, notice] : notices_) ::close(notice.descriptor);
}

CgroupsMemIsolator::Bounds CgroupsMemIsolator::bounds(const ContainerContext& container) const {
  const auto least = static_cast<std::uint64_t>(parameters_.mem_min_mb) * bytes_per_megabyte;
  const auto request = bytes_of(static_cast<double>(container.requests.scalar("mem")) / 1000);
  Bounds bounds;
  bounds.request_bytes = std::max(least, request);
  if (!container.limits.mem) {
    bounds.limit_bytes = bounds.request_bytes;
  } else if (!std::isinf(*container.limits.mem)) {
    bounds.limit_bytes = std::max(bounds.request_bytes, bytes_of(*container.limits.mem));
  }
  return bounds;
}

bool CgroupsMemIsolator::counts_swap(const ContainerContext& container, const char* file) {
  if (!counts_swap_) counts_swap_ = (*groups())->has(memory, name_of(container), file);
  return *counts_swap_;
}

// For a group as it is when it is new.
std::vector<CgroupIsolator::Setting> CgroupsMemIsolator::settings(const ContainerContext& container,
                                                                  CgroupVersion on) {
  const Bounds wanted = bounds(container);
  const std::string request = std::to_string(wanted.request_bytes);
  if (on == CgroupVersion::v2) {
    std::vector<Setting> settings{
        {"memory.low", request},
        {"memory.max", wanted.limit_bytes ? std::to_string(*wanted.limit_bytes) : "max"},
        {"memory.oom.group", "1"}};
    if (parameters_.limit_swap && counts_swap(container, "memory.swap.max")) {
      settings.push_back({"memory.swap.max", "0"});
    }
    return settings;
  }
  const std::string limit = wanted.limit_bytes ? std::to_string(*wanted.limit_bytes) : "-1";
  std::vector<Setting> settings{{"memory.soft_limit_in_bytes", request},
                                {"memory.limit_in_bytes", limit}};
  if (parameters_.limit_swap && counts_swap(container, memory_with_swap)) {
    settings.push_back({memory_with_swap, limit});
  }
  return settings;
}

Result<Contribution> CgroupsMemIsolator::prepare(const ContainerContext& container) {
  const auto on = version();
  if (!on) return tl::unexpected(on.error());
  // Which files there are is seen once there is a group.
  auto placed = place(container, {});
  if (!placed) return placed;
  if (auto done = set(container, settings(container, *on)); !done) {
    return tl::unexpected(done.error());
  }
  return placed;
}

Result<Nothing> CgroupsMemIsolator::update(const ContainerContext& container) {
  const auto on = version();
  if (!on) return tl::unexpected(on.error());
  auto wanted = settings(container, *on);
  if (!wanted.empty() && wanted.back().file == memory_with_swap) {
    // Memory with swap may never be less than memory: what grows has it written first.
    const auto before = (*groups())->read_number(memory, name_of(container), memory_with_swap);
    const bool grows = before && *before < bounds(container).limit_bytes.value_or(unlimited);
    if (grows) std::rotate(wanted.begin(), wanted.end() - 1, wanted.end());
  }
  // v1 refuses a limit below what is in use (EBUSY); v2 takes it, and reclaims or kills.
  if (auto applied = apply(container, wanted); !applied) {
    return tl::unexpected(applied.error());
  }
  return Nothing{};
}

// An eventfd that the kernel counts up when memory runs out (memory.rst, "OOM Control").
Result<int> CgroupsMemIsolator::open_v1_notice(const ContainerContext& container) {
  CgroupFs& files = **groups();
  const std::string path = files.path(memory, name_of(container), "memory.oom_control");
  const int control = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (control < 0) return system_failure("cannot open '" + path + "'", errno);
  const int notice = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  Status asked = notice < 0 ? Status(system_failure("cannot make an eventfd", errno)) : Status();
  if (asked) {
    asked = files.write(memory, name_of(container), "cgroup.event_control",
                        std::to_string(notice) + " " + std::to_string(control));
  }
  ::close(control);
  if (asked) return notice;
  if (notice >= 0) ::close(notice);
  return tl::unexpected(asked.error());
}

Result<WatchAnswer> CgroupsMemIsolator::watch(const ContainerContext& container) {
  const auto on = version();
  if (!on) return tl::unexpected(on.error());
  Result<int> notice = 0;
  if (*on == CgroupVersion::v1) {
    notice = open_v1_notice(container);
  } else {
    // The kernel says of memory.events whenever it changes that it was modified.
    const std::string path = (*groups())->path(memory, name_of(container), "memory.events");
    notice = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (::inotify_add_watch(*notice, path.c_str(), IN_MODIFY) < 0) {
      const int error = errno;
      if (*notice >= 0) ::close(*notice);
      notice = system_failure("cannot watch '" + path + "'", error);
    }
  }
  if (!notice) return tl::unexpected(notice.error());
  keep(container.id, *notice);
  WatchAnswer answer;
  answer.files.push_back({*notice, ""});
  return answer;
}

void CgroupsMemIsolator::keep(const ContainerId& id, int descriptor) {
  Notice& notice = notices_[id];
  if (notice.descriptor >= 0) ::close(notice.descriptor);
  notice = {descriptor, std::nullopt};
}

// On v1 the notice comes a moment before the kill is counted, and only once.
void CgroupsMemIsolator::repeat(Notice& notice) {
  const auto now = std::chrono::steady_clock::now();
  if (!notice.unexplained_since) notice.unexplained_since = now;
  const std::uint64_t one = 1;
  if (now - *notice.unexplained_since < explanation_patience) {
    (void)!::write(notice.descriptor, &one, sizeof(one));
  }
}

// The limit, the peak, and what the memory was used for. Read after the fact: what the killed
// process held is not in it any more.
std::string CgroupsMemIsolator::describe(const ContainerContext& container) {
  CgroupFs& files = **groups();
  const std::string& name = name_of(container);
  const bool v2 = files.version(memory) == CgroupVersion::v2;
  const auto number = [&](const char* file) { return files.read_number(memory, name, file); };
  const auto limit = number(v2 ? "memory.max" : "memory.limit_in_bytes");
  const auto peak = number(v2 ? "memory.peak" : "memory.max_usage_in_bytes");
  const auto stat = files.read_table(memory, name, "memory.stat");
  if (!limit || !peak || !stat) return "no statistics are left";
  // A group above may have less.
  const std::uint64_t above = stat->contains("hierarchical_memory_limit")
                                  ? value(*stat, "hierarchical_memory_limit")
                                  : unlimited;
  const std::uint64_t least = std::min(*limit, above);
  std::string text = least < unlimited ? "limit " + text_of(least) : "no limit";
  text += ", peak " + text_of(*peak);
  const std::uint64_t used = value(*stat, v2 ? "anon" : "total_rss");
  const std::uint64_t cache = value(*stat, v2 ? "file" : "total_cache");
  return text + "; after it " + text_of(used) + " of processes and " + text_of(cache) + " of files";
}

Result<CheckAnswer> CgroupsMemIsolator::check(const ContainerContext& container) {
  const auto on = version();
  if (!on) return tl::unexpected(on.error());
  const auto notice = notices_.find(container.id);
  const bool noticed = notice != notices_.end() && drain(notice->second.descriptor);
  CgroupFs& files = **groups();
  const bool v2 = *on == CgroupVersion::v2;
  const auto events =
      files.read_table(memory, name_of(container), v2 ? "memory.events" : "memory.oom_control");
  // A notice also comes when the group is removed.
  if (!events) return CheckAnswer{};
  if (value(*events, "oom_kill") == 0) {
    if (noticed && !v2) repeat(notice->second);
    return CheckAnswer{};
  }
  const auto failures = v2 ? Result<std::uint64_t>(value(*events, "max"))
                           : files.read_number(memory, name_of(container), "memory.failcnt");
  // Its own limit, or that of the machine.
  const bool own = failures && *failures > 0;
  Limitation limitation;
  limitation.reason = UpdateReason::container_limitation_memory;
  limitation.message =
      (own ? "out of memory (OOM): killed at its limit: "
           : "out of memory (OOM): killed below its limit, since others had taken the rest: ") +
      describe(container);
  limitation.resources.set_plain(
      Scalar::mem, static_cast<std::int64_t>(bounds(container).limit_bytes.value_or(0) * 1000 /
                                             bytes_per_megabyte));
  CheckAnswer answer;
  answer.limitation = std::move(limitation);
  return answer;
}

Result<UsageAnswer> CgroupsMemIsolator::usage(const ContainerContext& container) {
  const auto on = version();
  if (!on) return tl::unexpected(on.error());
  CgroupFs& files = **groups();
  const std::string& name = name_of(container);
  const bool v2 = *on == CgroupVersion::v2;
  UsageAnswer answer;
  const auto set = [&](const char* to, std::uint64_t bytes) {
    if (bytes < unlimited) answer.statistics[to] = static_cast<double>(bytes);
  };
  const auto copy = [&](const char* to, const char* file) {
    if (const auto bytes = files.read_number(memory, name, file)) set(to, *bytes);
  };
  copy("mem_total_bytes", v2 ? "memory.current" : "memory.usage_in_bytes");
  copy("mem_peak_bytes", v2 ? "memory.peak" : "memory.max_usage_in_bytes");
  copy("mem_limit_bytes", v2 ? "memory.max" : "memory.limit_in_bytes");
  copy("mem_soft_limit_bytes", v2 ? "memory.low" : "memory.soft_limit_in_bytes");
  if (const auto stat = files.read_table(memory, name, "memory.stat")) {
    const auto rss = value(*stat, v2 ? "anon" : "total_rss");
    const auto cache = value(*stat, v2 ? "file" : "total_cache");
    set("mem_rss_bytes", rss);
    set("mem_anon_bytes", rss);
    set("mem_cache_bytes", cache);
    set("mem_file_bytes", cache);
    set("mem_mapped_file_bytes", value(*stat, v2 ? "file_mapped" : "total_mapped_file"));
    set("mem_unevictable_bytes", value(*stat, v2 ? "unevictable" : "total_unevictable"));
  }
  add_pressure(container, "memory", answer);
  return answer;
}

Result<Nothing> CgroupsMemIsolator::cleanup(const ContainerContext& container) {
  if (const auto notice = notices_.find(container.id); notice != notices_.end()) {
    ::close(notice->second.descriptor);
    notices_.erase(notice);
  }
  return CgroupIsolator::cleanup(container);
}

}  // namespace mesolite::cgroups_mem

// What /proc says of the processes of a container, for isolators that account without cgroups.
//
// A container's processes are its first one, all descendants, and all members of the session that
// the first one leads: a daemon that has been adopted by init stays in it. One reading of /proc
// serves all containers that are asked about shortly after. Not thread-safe.
#pragma once

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "mesolite/base/text.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite {

struct ProcessUsage {
  std::int64_t pid = 0;
  std::int64_t parent = 0;
  std::int64_t session = 0;
  Duration user_time{0};  // with that of children that have ended and been waited for
  Duration system_time{0};
  std::uint64_t threads = 0;
  std::uint64_t rss_bytes = 0;
};

// Reads one line of /proc/PID/stat (proc(5)); nothing if it is not one.
inline std::optional<ProcessUsage> parse_process_stat(std::string_view line) {
  // The second field is the program's name in parentheses and may hold anything, parentheses too.
  const auto open = line.find('(');
  const auto close = line.rfind(')');
  if (open == line.npos || close == line.npos || close < open) return std::nullopt;
  const auto number = [](std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  const auto fields = split(trim(line.substr(close + 1)), ' ');  // from the third on: state
  constexpr std::size_t first = 3;
  constexpr std::size_t last = 24;
  if (fields.size() <= last - first) return std::nullopt;
  const auto field = [&](std::size_t position) { return number(fields[position - first]); };
  static const std::int64_t ticks_per_second = ::sysconf(_SC_CLK_TCK);
  static const std::int64_t page_bytes = ::sysconf(_SC_PAGESIZE);
  const auto ticks = [](std::int64_t count) {
    return std::chrono::duration_cast<Duration>(std::chrono::seconds(1)) / ticks_per_second * count;
  };
  ProcessUsage usage;
  usage.pid = number(trim(line.substr(0, open)));
  usage.parent = field(4);
  usage.session = field(6);
  usage.user_time = ticks(field(14) + field(16));
  usage.system_time = ticks(field(15) + field(17));
  usage.threads = static_cast<std::uint64_t>(field(20));
  usage.rss_bytes = static_cast<std::uint64_t>(field(24) * page_bytes);
  return usage;
}

class ProcessTable {
 public:
  // A reading older than `age_max` is not used any more.
  explicit ProcessTable(std::filesystem::path proc = "/proc",
                        Duration age_max = std::chrono::milliseconds(200))
      : proc_(std::move(proc)), age_max_(age_max) {}

  // The processes of the container whose first process is `pid`; empty if none is left.
  std::vector<ProcessUsage> container(std::int64_t pid) {
    refresh();
    std::set<std::int64_t> members;
    std::vector<std::int64_t> open = sessions_[pid];
    if (by_pid_.contains(pid)) open.push_back(pid);
    while (!open.empty()) {
      const std::int64_t next = open.back();
      open.pop_back();
      if (!members.insert(next).second) continue;
      const auto children = children_.find(next);
      if (children == children_.end()) continue;
      open.insert(open.end(), children->second.begin(), children->second.end());
    }
    std::vector<ProcessUsage> usages;
    for (const std::int64_t member : members) usages.push_back(by_pid_.at(member));
    return usages;
  }

 private:
  void refresh() {
    const auto now = std::chrono::steady_clock::now();
    if (read_at_ && now - *read_at_ < age_max_) return;
    read_at_ = now;
    by_pid_.clear();
    children_.clear();
    sessions_.clear();
    std::error_code error;
    for (std::filesystem::directory_iterator entry(proc_, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename();
      if (name.empty() || name[0] < '0' || name[0] > '9') continue;
      std::ifstream file(entry->path() / "stat");
      std::string line;
      if (!std::getline(file, line)) continue;  // gone meanwhile
      if (const auto usage = parse_process_stat(line)) add(*usage);
    }
  }

  void add(const ProcessUsage& usage) {
    by_pid_[usage.pid] = usage;
    children_[usage.parent].push_back(usage.pid);
    sessions_[usage.session].push_back(usage.pid);
  }

  std::filesystem::path proc_;
  Duration age_max_;
  std::optional<std::chrono::steady_clock::time_point> read_at_;
  std::map<std::int64_t, ProcessUsage> by_pid_;
  std::map<std::int64_t, std::vector<std::int64_t>> children_;
  std::map<std::int64_t, std::vector<std::int64_t>> sessions_;
};

}  // namespace mesolite

#include "cpu_list.hpp"

#include <algorithm>
#include <charconv>

#include "mesolite/base/text.hpp"

namespace mesolite::cgroups_cpuset {
namespace {

constexpr int cpu_last = 8191;  // the kernel's NR_CPUS at its largest

bool read_cpu(std::string_view text, int& cpu) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  return error == std::errc() && end == text.data() + text.size() && cpu >= 0 && cpu <= cpu_last;
}

}  // namespace

Result<CpuList> parse_cpus(std::string_view text) {
  CpuList cpus;
  if (trim(text).empty()) return cpus;
  for (const std::string_view part : split(trim(text), ',')) {
    const auto dash = part.find('-');
    int first = 0;
    int last = 0;
    bool good = read_cpu(part.substr(0, dash), first);
    good =
        good && (dash == part.npos ? (last = first, true) : read_cpu(part.substr(dash + 1), last));
    if (!good || last < first) return failure("'" + std::string(text) + "' is no list of CPUs");
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

std::string to_text(const CpuList& cpus) {
  std::string text;
  for (std::size_t first = 0; first < cpus.size();) {
    std::size_t last = first;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(cpus[first]);
    if (last > first) text += "-" + std::to_string(cpus[last]);
    first = last + 1;
  }
  return text;
}

}  // namespace mesolite::cgroups_cpuset

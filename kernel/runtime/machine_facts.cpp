#include "kernel/runtime/machine_facts.hpp"

#include <sched.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <system_error>

#include "mesolite/base/text.hpp"

namespace mesolite::runtime {
namespace {

constexpr std::int64_t megabyte = 1 << 20;
constexpr std::int64_t memory_kept_max = 1024;  // MB
constexpr std::int64_t disk_kept_max = 5 * 1024;
constexpr std::string_view ports = "ports:[31000-32000]";

std::int64_t cpus() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  return std::max(CPU_COUNT(&allowed), 1);
}

std::int64_t without_kept(std::int64_t total, std::int64_t kept_max) {
  return total - std::min(total / 2, kept_max);
}

std::int64_t memory() {
  struct sysinfo info {};
  if (::sysinfo(&info) != 0) return 0;
  const auto bytes = static_cast<std::uint64_t>(info.totalram) * info.mem_unit;
  return without_kept(static_cast<std::int64_t>(bytes / megabyte), memory_kept_max);
}

std::int64_t disk(const std::filesystem::path& directory) {
  std::error_code problem;
  const auto space = std::filesystem::space(directory, problem);
  if (problem) return 0;
  return without_kept(static_cast<std::int64_t>(space.capacity / megabyte), disk_kept_max);
}

}  // namespace

Resources measured_resources(const std::filesystem::path& work_dir) {
  Resources resources = Resources::parse(ports).value();
  resources.set_plain(Scalar::cpus, cpus() * 1000);
  resources.set_plain(Scalar::mem, memory() * 1000);
  resources.set_plain(Scalar::disk, disk(work_dir) * 1000);
  return resources;
}

Result<Resources> agent_resources(const std::string& given, const std::string& default_role,
                                  const Resources& measured) {
  // On its own first, so that a failure speaks of what the user wrote.
  if (auto alone = Resources::parse(given, default_role); !alone) return alone;
  // Names are asked of the text: "disk:0" leaves nothing behind, and says "none of it".
  std::set<std::string_view> named;
  for (const std::string_view part : split(given, ';')) {
    named.insert(trim(part.substr(0, part.find_first_of(":("))));
  }
  std::string completed = given;
  for (const Scalar scalar : {Scalar::cpus, Scalar::mem, Scalar::disk}) {
    const auto name = scalar_names[static_cast<std::size_t>(scalar)];
    if (named.contains(name)) continue;
    completed.append(";").append(name).append(":");
    completed.append(thousandths_to_text(measured.plain(scalar)));
  }
  if (!named.contains("ports")) {
    completed.append(";ports:").append(measured.ranges("ports").to_text());
  }
  return Resources::parse(completed, default_role);
}

}  // namespace mesolite::runtime

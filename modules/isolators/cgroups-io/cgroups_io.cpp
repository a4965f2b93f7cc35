#include "cgroups_io.hpp"

#include <array>
#include <charconv>

#include "block_device.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::cgroups_io {
namespace {

// One kind of limit: its key among a container's own parameters, its file on v1, its word on v2.
struct Throttle {
  const char* key;
  const char* v1_file;
  const char* v2_word;
  std::int64_t Parameters::*by_default;
};
constexpr std::array<Throttle, 4> throttles = {
    {{"io.read_bytes_per_s", "blkio.throttle.read_bps_device", "rbps",
      &Parameters::read_bytes_per_s},
     {"io.write_bytes_per_s", "blkio.throttle.write_bps_device", "wbps",
      &Parameters::write_bytes_per_s},
     {"io.reads_per_s", "blkio.throttle.read_iops_device", "riops", &Parameters::reads_per_s},
     {"io.writes_per_s", "blkio.throttle.write_iops_device", "wiops", &Parameters::writes_per_s}}};

bool read_count(std::string_view text, std::int64_t& count) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc() && end == text.data() + text.size() && count >= 0;
}

Result<std::int64_t> limit_of(const Throttle& throttle, const ContainerContext& container,
                              const Parameters& parameters) {
  const std::int64_t by_default = parameters.*throttle.by_default;
  const auto own = parameter_of(container, throttle.key);
  if (!own) return by_default;
  std::int64_t wanted = 0;
  if (!read_count(*own, wanted)) {
    return failure("parameter '" + std::string(throttle.key) + "' is '" + *own +
                   "' and should be a whole number");
  }
  // A container may only ask for less than what it would have.
  if (by_default > 0 && (wanted == 0 || wanted > by_default)) {
    return failure("parameter '" + std::string(throttle.key) + "' is " + *own + ", more than the " +
                   std::to_string(by_default) + " of this agent");
  }
  return wanted;
}

}  // namespace

Result<std::vector<CgroupIsolator::Setting>> CgroupsIoIsolator::settings(
    const ContainerContext& container) {
  const auto on = version();
  if (!on) return tl::unexpected(on.error());
  std::vector<Setting> settings;
  std::string line;
  for (const Throttle& throttle : throttles) {
    const auto limit = limit_of(throttle, container, parameters_);
    if (!limit) return tl::unexpected(limit.error());
    if (*limit == 0) continue;
    settings.push_back({throttle.v1_file, std::to_string(*limit)});
    line += std::string(" ") + throttle.v2_word + "=" + std::to_string(*limit);
  }
  if (settings.empty()) return settings;
  const auto disk = disk_below(parameters_.device.empty() ? container.sandbox : parameters_.device);
  if (!disk) return failure("it cannot be throttled", disk.error());
  if (*on == CgroupVersion::v2) return std::vector<Setting>{{"io.max", *disk + line}};
  for (Setting& setting : settings) setting.value = *disk + " " + setting.value;
  return settings;
}

Result<Contribution> CgroupsIoIsolator::prepare(const ContainerContext& container) {
  const auto wanted = settings(container);
  if (!wanted) return tl::unexpected(wanted.error());
  return place(container, *wanted);
}

// Lines of "254:0 Read 4096".
void CgroupsIoIsolator::add_v1_counts(const ContainerContext& container, UsageAnswer& answer) {
  const auto add = [&](const char* file, const std::string& read, const std::string& write) {
    const auto text = (*groups())->read("io", name_of(container), file);
    if (!text) return;
    double& reads = answer.statistics[read];
    double& writes = answer.statistics[write];
    for (const std::string_view line : split(*text, '\n')) {
      const auto words = split(line, ' ');
      std::int64_t count = 0;
      if (words.size() != 3 || !read_count(words[2], count)) continue;
      if (words[1] == "Read") reads += static_cast<double>(count);
      if (words[1] == "Write") writes += static_cast<double>(count);
    }
  };
  add("blkio.throttle.io_service_bytes", "io_read_bytes", "io_write_bytes");
  add("blkio.throttle.io_serviced", "io_reads", "io_writes");
}

// Lines of "254:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0".
void CgroupsIoIsolator::add_v2_counts(const ContainerContext& container, UsageAnswer& answer) {
  const auto text = (*groups())->read("io", name_of(container), "io.stat");
  if (!text) return;
  constexpr std::array<std::pair<std::string_view, const char*>, 4> names = {
      {{"rbytes", "io_read_bytes"},
       {"wbytes", "io_write_bytes"},
       {"rios", "io_reads"},
       {"wios", "io_writes"}}};
  for (const auto& [word, to] : names) answer.statistics[to];
  for (const std::string_view line : split(*text, '\n')) {
    for (const std::string_view part : split(line, ' ')) {
      const auto equals = part.find('=');
      std::int64_t count = 0;
      if (equals == part.npos || !read_count(part.substr(equals + 1), count)) continue;
      for (const auto& [word, to] : names) {
        if (part.substr(0, equals) == word) answer.statistics[to] += static_cast<double>(count);
      }
    }
  }
}

Result<UsageAnswer> CgroupsIoIsolator::usage(const ContainerContext& container) {
  const auto on = version();
  if (!on) return tl::unexpected(on.error());
  UsageAnswer answer;
  if (*on == CgroupVersion::v2) {
    add_v2_counts(container, answer);
  } else {
    add_v1_counts(container, answer);
  }
  add_pressure(container, "io", answer);
  return answer;
}

}  // namespace mesolite::cgroups_io

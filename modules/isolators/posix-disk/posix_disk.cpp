#include "posix_disk.hpp"

namespace mesolite::posix_disk {
namespace {

constexpr std::int64_t bytes_per_megabyte = 1 << 20;

// Volumes lie elsewhere. Without any disk there is no limit, as in Mesos.
std::optional<std::uint64_t> limit_of(const ContainerContext& container) {
  std::int64_t thousandths = container.requests.plain(Scalar::disk);
  for (const Resource& resource : container.requests.others()) {
    if (resource.key.name == "disk" && !resource.key.volume) thousandths += resource.amount;
  }
  if (thousandths == 0) return std::nullopt;
  // In this order: a product of all would not fit.
  return static_cast<std::uint64_t>(thousandths / 1000 * bytes_per_megabyte +
                                    thousandths % 1000 * bytes_per_megabyte / 1000);
}

std::string megabytes(std::uint64_t bytes) {
  return std::to_string((bytes + bytes_per_megabyte - 1) / bytes_per_megabyte) + " MB";
}

}  // namespace

Result<WatchAnswer> PosixDiskIsolator::watch(const ContainerContext& container) {
  const auto limit = parameters_.enforce ? limit_of(container) : std::nullopt;
  const auto notice = meter_.add(container.id, container.sandbox, limit);
  if (!notice) return tl::unexpected(notice.error());
  WatchAnswer answer;
  answer.files.push_back({*notice, ""});
  return answer;
}

Result<CheckAnswer> PosixDiskIsolator::check(const ContainerContext& container) {
  CheckAnswer answer;
  meter_.acknowledge(container.id);
  const auto reading = meter_.latest(container.id);
  if (!reading || !reading->over()) return answer;
  Limitation limitation;
  limitation.reason = UpdateReason::container_limitation_disk;
  const std::string limit = megabytes(*reading->limit_bytes);
  if (reading->used_bytes) {
    limitation.message = "out of disk: the sandbox holds " + megabytes(*reading->used_bytes) +
                         " and may hold " + limit;
  } else {
    limitation.message = "the sandbox may hold " + limit +
                         ", but cannot be measured: " + reading->used_bytes.error().message;
  }
  limitation.resources.set_plain(
      Scalar::disk, static_cast<std::int64_t>(*reading->limit_bytes) / bytes_per_megabyte * 1000);
  answer.limitation = std::move(limitation);
  return answer;
}

Result<Nothing> PosixDiskIsolator::update(const ContainerContext& container) {
  if (parameters_.enforce) meter_.set_limit(container.id, limit_of(container));
  return Nothing{};
}

Result<UsageAnswer> PosixDiskIsolator::usage(const ContainerContext& container) {
  UsageAnswer answer;
  if (const auto limit = limit_of(container)) {
    answer.statistics["disk_limit_bytes"] = static_cast<double>(*limit);
  }
  if (const auto reading = meter_.latest(container.id); reading && reading->used_bytes) {
    answer.statistics["disk_used_bytes"] = static_cast<double>(*reading->used_bytes);
  }
  return answer;
}

Result<Nothing> PosixDiskIsolator::cleanup(const ContainerContext& container) {
  meter_.remove(container.id);
  return Nothing{};
}

}  // namespace mesolite::posix_disk

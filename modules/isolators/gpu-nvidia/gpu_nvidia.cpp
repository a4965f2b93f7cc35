#include "gpu_nvidia.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "mesolite/base/text.hpp"

namespace mesolite::gpu_nvidia {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view gpu_prefix = "nvidia";
// What every user of a GPU needs besides it, where it exists.
constexpr std::array<const char*, 4> shared_devices = {"nvidiactl", "nvidia-uvm",
                                                       "nvidia-uvm-tools", "nvidia-modeset"};
// What the next agent reads to know who has which.
constexpr const char* record_name = "gpu-nvidia";

fs::path record_of(const ContainerContext& container) {
  return fs::path(container.runtime_dir) / record_name;
}

bool read_number(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

std::string to_text(const std::set<std::int64_t>& gpus) {
  std::string text;
  for (const std::int64_t gpu : gpus) text += (text.empty() ? "" : ",") + std::to_string(gpu);
  return text;
}

std::set<std::int64_t> parse_gpus(const std::string& text) {
  std::set<std::int64_t> gpus;
  for (const std::string_view part : split(trim(text), ',')) {
    if (std::int64_t gpu = 0; read_number(part, gpu)) gpus.insert(gpu);
  }
  return gpus;
}

}  // namespace

// Those of /dev/nvidia0, /dev/nvidia1, … that may be handed out.
Result<GpuNvidiaIsolator::Gpus> GpuNvidiaIsolator::found() const {
  Gpus gpus;
  std::error_code error;
  for (fs::directory_iterator entry(parameters_.device_folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    std::int64_t gpu = 0;
    if (name.starts_with(gpu_prefix) && read_number(name.substr(gpu_prefix.size()), gpu)) {
      gpus.insert(gpu);
    }
  }
  if (parameters_.gpus.empty()) return gpus;
  for (const std::int64_t wanted : parameters_.gpus) {
    if (!gpus.contains(wanted)) {
      return failure("there is no GPU " + std::to_string(wanted) + ": '" +
                     parameters_.device_folder + "' has " +
                     (gpus.empty() ? "none" : "only " + to_text(gpus)));
    }
  }
  return Gpus(parameters_.gpus.begin(), parameters_.gpus.end());
}

Result<Nothing> GpuNvidiaIsolator::probe(const IsolatorProbe&) {
  const auto gpus = found();
  if (!gpus) return tl::unexpected(gpus.error());
  if (gpus->empty()) return failure("'" + parameters_.device_folder + "' has no NVIDIA GPU");
  return Nothing{};
}

Result<GpuNvidiaIsolator::Gpus> GpuNvidiaIsolator::allot(const ContainerContext& container) {
  // Asked again, a container has what it had.
  if (const auto has = allotted_.find(container.id); has != allotted_.end()) return has->second;
  const std::int64_t thousandths = container.requests.scalar("gpus");
  if (thousandths == 0) return Gpus{};
  if (thousandths % 1000 != 0) return failure("GPUs are handed out whole");
  const auto wanted = static_cast<std::size_t>(thousandths / 1000);
  auto there = found();
  if (!there) return tl::unexpected(there.error());
  for (const auto& [id, gpus] : allotted_) {
    for (const std::int64_t gpu : gpus) there->erase(gpu);
  }
  if (there->size() < wanted) {
    return failure("the container needs " + std::to_string(wanted) + " GPUs, and " +
                   std::to_string(there->size()) + " are free");
  }
  return Gpus(there->begin(), std::next(there->begin(), static_cast<std::ptrdiff_t>(wanted)));
}

Contribution GpuNvidiaIsolator::contribution_of(const Gpus& gpus) const {
  Contribution contribution = unattended();
  const fs::path folder = parameters_.device_folder;
  for (const std::int64_t gpu : gpus) {
    contribution.devices.push_back(
        {folder / (std::string(gpu_prefix) + std::to_string(gpu)), "rw"});
  }
  std::error_code error;
  for (const char* name : shared_devices) {
    if (gpus.empty() || !fs::exists(folder / name, error)) continue;
    contribution.devices.push_back({folder / name, "rw"});
  }
  // A container without GPUs is to see none, whatever its image says.
  const std::string visible = gpus.empty() ? "void" : to_text(gpus);
  contribution.environment["NVIDIA_VISIBLE_DEVICES"] = {visible, false, true};
  contribution.environment["CUDA_VISIBLE_DEVICES"] = {gpus.empty() ? "" : visible, false, true};
  return contribution;
}

Result<Contribution> GpuNvidiaIsolator::prepare(const ContainerContext& container) {
  auto gpus = allot(container);
  if (!gpus) return tl::unexpected(gpus.error());
  Contribution contribution = contribution_of(*gpus);
  if (gpus->empty()) return contribution;
  std::error_code error;
  fs::create_directories(container.runtime_dir, error);
  std::ofstream record(record_of(container), std::ios::trunc);
  record << to_text(*gpus) << '\n';
  record.close();
  if (!record) return failure("cannot write '" + record_of(container).string() + "'");
  allotted_[container.id] = std::move(*gpus);
  return contribution;
}

Result<UsageAnswer> GpuNvidiaIsolator::usage(const ContainerContext& container) {
  UsageAnswer answer;
  if (const auto has = allotted_.find(container.id); has != allotted_.end()) {
    answer.statistics["gpus_limit"] = static_cast<double>(has->second.size());
  }
  return answer;
}

Result<Nothing> GpuNvidiaIsolator::cleanup(const ContainerContext& container) {
  if (allotted_.erase(container.id) > 0) {
    std::error_code error;
    fs::remove(record_of(container), error);
  }
  return Nothing{};
}

Result<Nothing> GpuNvidiaIsolator::recover(const RecoverRequest& request) {
  for (const ContainerContext& container : request.containers) {
    std::string text;
    std::getline(std::ifstream(record_of(container)), text);
    if (Gpus gpus = parse_gpus(text); !gpus.empty()) allotted_[container.id] = std::move(gpus);
  }
  return Nothing{};
}

}  // namespace mesolite::gpu_nvidia

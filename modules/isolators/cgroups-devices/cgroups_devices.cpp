#include "cgroups_devices.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace mesolite::cgroups_devices {
namespace {

int bpf(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof(attributes)));
}

// The descriptor of a loaded program.
Result<int> load(const std::vector<bpf_insn>& program) {
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<std::uint64_t>(program.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size());
  attributes.license = reinterpret_cast<std::uint64_t>("Apache-2.0");
  const int loaded = bpf(BPF_PROG_LOAD, attributes);
  if (loaded < 0) return system_failure("cannot load a BPF program for devices", errno);
  return loaded;
}

}  // namespace

Result<std::unique_ptr<CgroupsDevicesIsolator>> CgroupsDevicesIsolator::create(
    const Parameters& parameters, Host&) {
  auto rules = default_rules();
  for (const std::string& text : parameters.allowed) {
    auto rule = parse_rule(text);
    if (!rule) return failure("parameter 'allowed'", rule.error());
    rules.push_back(std::move(*rule));
  }
  return std::unique_ptr<CgroupsDevicesIsolator>(new CgroupsDevicesIsolator(std::move(rules)));
}

Result<Contribution> CgroupsDevicesIsolator::prepare(const ContainerContext& container) {
  auto placed = place(container, {});
  if (placed) placed->unattended = false;  // what may be used is known when all have contributed
  return placed;
}

Result<Nothing> CgroupsDevicesIsolator::isolate(const ContainerContext& container) {
  const auto on = version();
  if (!on) return tl::unexpected(on.error());
  auto rules = rules_;
  for (const DeviceSpec& device : container.devices) {
    auto rule = parse_rule(device.path + " " + device.access);
    if (!rule) return tl::unexpected(rule.error());
    rules.push_back(std::move(*rule));
  }
  Status status;
  if (*on == CgroupVersion::v2) {
    status = attach(container, rules);
  } else {
    CgroupFs& files = **groups();
    status = files.write("devices", name_of(container), "devices.deny", "a");
    for (const DeviceRule& rule : rules) {
      if (!status) break;
      status = files.write("devices", name_of(container), "devices.allow", to_text(rule));
    }
  }
  if (!status) return tl::unexpected(status.error());
  return Nothing{};
}

// The program belongs to the group and goes with it.
Status CgroupsDevicesIsolator::attach(const ContainerContext& container,
                                      const std::vector<DeviceRule>& rules) {
  const auto program = load(make_program(rules));
  if (!program) return tl::unexpected(program.error());
  const std::string path = (*groups())->path("devices", name_of(container));
  const int group = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  Status status =
      group < 0 ? Status(system_failure("cannot open '" + path + "'", errno)) : Status();
  bpf_attr attributes{};
  attributes.target_fd = static_cast<std::uint32_t>(group);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(*program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  if (status && bpf(BPF_PROG_ATTACH, attributes) != 0) {
    status = system_failure("cannot attach a BPF program to '" + path + "'", errno);
  }
  if (group >= 0) ::close(group);
  ::close(*program);
  return status;
}

}  // namespace mesolite::cgroups_devices

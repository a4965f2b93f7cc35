// DeviceRule: a device, or many, that a container may use; and the program for cgroup v2 that lets
// it use just those. Pure, but for looking paths up.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite::cgroups_devices {

enum class DeviceKind : char { character = 'c', block = 'b' };

struct DeviceRule {
  DeviceKind kind = DeviceKind::character;
  std::optional<std::uint32_t> major;  // none: any
  std::optional<std::uint32_t> minor;
  std::string access = "rwm";  // of "rwm": read, write, make nodes

  friend bool operator==(const DeviceRule&, const DeviceRule&) = default;
};

// What every container may use: null, zero, full, random, urandom, tty, console, ptmx, pts; and
// making nodes, which by itself opens nothing. (The list of the OCI runtime specification.)
std::vector<DeviceRule> default_rules();

// Reads "c 10:229 rwm", "b *:* m", or "/dev/fuse rw", whose node is looked up.
Result<DeviceRule> parse_rule(std::string_view text);
// For the file "devices.allow" of v1.
std::string to_text(const DeviceRule& rule);
// A BPF_PROG_TYPE_CGROUP_DEVICE program: 1 for what any of the rules lets pass, else 0.
std::vector<bpf_insn> make_program(const std::vector<DeviceRule>& rules);

}  // namespace mesolite::cgroups_devices

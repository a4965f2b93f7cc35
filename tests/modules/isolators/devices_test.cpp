// The rules of cgroups/devices: as text, and as a program of cgroup v2, interpreted here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "mesolite/testing/conformance.hpp"
#include "modules/isolators/cgroups-devices/cgroups_devices.hpp"

namespace mesolite::cgroups_devices {
namespace {

using ::testing::HasSubstr;

// What the kernel would make of the few instructions that are used.
bool allows(const std::vector<bpf_insn>& program, std::uint32_t kind, std::uint32_t access,
            std::uint32_t major_number, std::uint32_t minor_number) {
  const std::array<std::uint32_t, 3> context = {access << 16 | kind, major_number, minor_number};
  std::array<std::uint64_t, 11> registers{};
  for (std::size_t at = 0; at < program.size(); ++at) {
    const bpf_insn& insn = program[at];
    const auto number = static_cast<std::uint32_t>(insn.imm);
    auto& to = registers[insn.dst_reg];
    const auto from = BPF_SRC(insn.code) == BPF_X ? registers[insn.src_reg] : number;
    switch (BPF_CLASS(insn.code)) {
      case BPF_LDX:
        to = context.at(static_cast<std::size_t>(insn.off) / 4);
        break;
      case BPF_ALU:
        if (BPF_OP(insn.code) == BPF_MOV) to = from;
        if (BPF_OP(insn.code) == BPF_AND) to &= from;
        if (BPF_OP(insn.code) == BPF_RSH) to >>= from;
        break;
      case BPF_JMP:
        if (BPF_OP(insn.code) == BPF_EXIT) return registers[0] == 1;
        if (to != from) at += static_cast<std::size_t>(insn.off);
        break;
      default:
        ADD_FAILURE() << "an instruction that is not expected";
    }
  }
  ADD_FAILURE() << "the program runs off its end";
  return false;
}

TEST(DeviceRules, a_program_lets_pass_what_a_rule_names_and_nothing_else) {
  const auto program = make_program({{DeviceKind::character, 1, 3, "rw"},
                                     {DeviceKind::character, 136, {}, "rwm"},
                                     {DeviceKind::block, {}, {}, "m"}});
  constexpr std::uint32_t read = BPF_DEVCG_ACC_READ;
  constexpr std::uint32_t write = BPF_DEVCG_ACC_WRITE;
  constexpr std::uint32_t make = BPF_DEVCG_ACC_MKNOD;
  constexpr std::uint32_t character = BPF_DEVCG_DEV_CHAR;
  constexpr std::uint32_t block = BPF_DEVCG_DEV_BLOCK;
  EXPECT_TRUE(allows(program, character, read, 1, 3));
  EXPECT_TRUE(allows(program, character, read | write, 1, 3));
  EXPECT_FALSE(allows(program, character, make, 1, 3));
  EXPECT_FALSE(allows(program, character, read | make, 1, 3));
  EXPECT_FALSE(allows(program, character, read, 1, 5));
  EXPECT_FALSE(allows(program, block, read, 1, 3));
  EXPECT_TRUE(allows(program, character, read | write | make, 136, 77));
  EXPECT_TRUE(allows(program, block, make, 8, 1));
  EXPECT_FALSE(allows(program, block, write, 8, 1));
  EXPECT_FALSE(allows(make_program({}), character, read, 1, 3));
}

TEST(DeviceRules, are_read_as_they_are_written) {
  for (const char* text : {"c 10:229 rwm", "b *:* m", "c 136:* rw"}) {
    EXPECT_EQ(to_text(parse_rule(text).value()), text);
  }
  EXPECT_EQ(to_text(parse_rule("/dev/null rw").value()), "c 1:3 rw");
  EXPECT_EQ(to_text(parse_rule(" /dev/null ").value()), "c 1:3 rwm");
}

TEST(DeviceRules, what_is_no_device_is_refused_by_name) {
  for (const char* text : {"", "c 1:3", "d 1:3 r", "c 1 r", "c a:3 r", "c 1:3 x", "c 1:3:4 r",
                           "/dev/null q", "null rw"}) {
    const auto rule = parse_rule(text);
    ASSERT_FALSE(rule) << text;
    EXPECT_THAT(rule.error().message, HasSubstr("'" + std::string(text) + "' is no device"));
  }
  EXPECT_EQ(parse_rule("/etc/passwd r").error().message, "'/etc/passwd' is no device");
  EXPECT_EQ(parse_rule("/dev/none r").error().message,
            "cannot look at the device '/dev/none': No such file or directory");
  testing::RecordingHost host;
  const auto refused = CgroupsDevicesIsolator::create({.allowed = {"/etc/passwd"}}, host);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "parameter 'allowed': '/etc/passwd' is no device");
}

}  // namespace
}  // namespace mesolite::cgroups_devices

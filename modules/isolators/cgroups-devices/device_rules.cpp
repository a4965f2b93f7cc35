#include "device_rules.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <charconv>

#include "mesolite/base/text.hpp"

namespace mesolite::cgroups_devices {
namespace {

bool read_number(std::string_view text, std::optional<std::uint32_t>& number) {
  number.reset();
  if (text == "*") return true;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  number = value;
  return error == std::errc() && end == text.data() + text.size();
}

bool is_access(std::string_view text) {
  return !text.empty() && text.find_first_not_of("rwm") == text.npos;
}

Result<DeviceRule> rule_of_path(const std::string& path, std::string_view access) {
  struct stat node {};
  if (::stat(path.c_str(), &node) != 0) {
    return system_failure("cannot look at the device '" + path + "'", errno);
  }
  if (!S_ISCHR(node.st_mode) && !S_ISBLK(node.st_mode)) {
    return failure("'" + path + "' is no device");
  }
  return DeviceRule{S_ISBLK(node.st_mode) ? DeviceKind::block : DeviceKind::character,
                    major(node.st_rdev), minor(node.st_rdev), std::string(access)};
}

// ---- a small assembler --------------------------------------------------------------------------

constexpr bpf_insn load_word(std::uint8_t to, std::int16_t offset) {
  return {BPF_LDX | BPF_W | BPF_MEM, static_cast<std::uint8_t>(to & 0xf), BPF_REG_1, offset, 0};
}
constexpr bpf_insn with_number(std::uint8_t operation, std::uint8_t to, std::int32_t number) {
  return {static_cast<std::uint8_t>(BPF_ALU | operation | BPF_K),
          static_cast<std::uint8_t>(to & 0xf), 0, 0, number};
}
constexpr bpf_insn copy(std::uint8_t to, std::uint8_t from) {
  return {BPF_ALU | BPF_MOV | BPF_X, static_cast<std::uint8_t>(to & 0xf),
          static_cast<std::uint8_t>(from & 0xf), 0, 0};
}
constexpr bpf_insn leave_unless_number(std::uint8_t left, std::uint32_t number) {
  return {BPF_JMP | BPF_JNE | BPF_K, static_cast<std::uint8_t>(left & 0xf), 0, 0,
          static_cast<std::int32_t>(number)};
}
constexpr bpf_insn leave_unless_equal(std::uint8_t left, std::uint8_t right) {
  return {BPF_JMP | BPF_JNE | BPF_X, static_cast<std::uint8_t>(left & 0xf),
          static_cast<std::uint8_t>(right & 0xf), 0, 0};
}
constexpr bpf_insn end{BPF_JMP | BPF_EXIT, 0, 0, 0, 0};

enum Register : std::uint8_t {
  result = BPF_REG_0,
  scratch = BPF_REG_1,  // the context at first
  kind = BPF_REG_2,
  access = BPF_REG_3,
  major_number = BPF_REG_4,
  minor_number = BPF_REG_5,
};

std::int32_t access_bits(std::string_view text) {
  std::int32_t bits = 0;
  for (const char c : text) {
    if (c == 'r') bits |= BPF_DEVCG_ACC_READ;
    if (c == 'w') bits |= BPF_DEVCG_ACC_WRITE;
    if (c == 'm') bits |= BPF_DEVCG_ACC_MKNOD;
  }
  return bits;
}

void append_rule(const DeviceRule& rule, std::vector<bpf_insn>& program) {
  const std::size_t first = program.size();
  program.push_back(leave_unless_number(
      kind, rule.kind == DeviceKind::block ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR));
  // All that is asked for must be among what is allowed.
  program.push_back(copy(scratch, access));
  program.push_back(with_number(BPF_AND, scratch, access_bits(rule.access)));
  program.push_back(leave_unless_equal(scratch, access));
  if (rule.major) program.push_back(leave_unless_number(major_number, *rule.major));
  if (rule.minor) program.push_back(leave_unless_number(minor_number, *rule.minor));
  program.push_back(with_number(BPF_MOV, result, 1));
  program.push_back(end);
  for (std::size_t at = first; at < program.size(); ++at) {
    const bool leaves =
        BPF_OP(program[at].code) == BPF_JNE && BPF_CLASS(program[at].code) == BPF_JMP;
    if (leaves) program[at].off = static_cast<std::int16_t>(program.size() - at - 1);
  }
}

}  // namespace

std::vector<DeviceRule> default_rules() {
  std::vector<DeviceRule> rules = {{DeviceKind::character, {}, {}, "m"},
                                   {DeviceKind::block, {}, {}, "m"}};
  constexpr std::pair<std::uint32_t, std::uint32_t> nodes[] = {{1, 3}, {1, 5}, {1, 7}, {1, 8},
                                                               {1, 9}, {5, 0}, {5, 1}, {5, 2}};
  for (const auto& [major_of, minor_of] : nodes) {
    rules.push_back({DeviceKind::character, major_of, minor_of, "rwm"});
  }
  rules.push_back({DeviceKind::character, 136, {}, "rwm"});
  return rules;
}

Result<DeviceRule> parse_rule(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(trim(text), ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  if (!words.empty() && words.front().starts_with('/') && words.size() <= 2) {
    const std::string_view wanted = words.size() == 2 ? words[1] : "rwm";
    if (is_access(wanted)) return rule_of_path(std::string(words[0]), wanted);
  }
  if (words.size() == 3 && (words[0] == "c" || words[0] == "b") && is_access(words[2])) {
    DeviceRule rule;
    rule.kind = static_cast<DeviceKind>(words[0].front());
    rule.access = words[2];
    const auto numbers = split(words[1], ':');
    if (numbers.size() == 2 && read_number(numbers[0], rule.major) &&
        read_number(numbers[1], rule.minor)) {
      return rule;
    }
  }
  return failure("'" + std::string(text) +
                 "' is no device: expected a path or 'c MAJOR:MINOR', and some of 'rwm'");
}

std::string to_text(const DeviceRule& rule) {
  const auto number = [](const auto& value) { return value ? std::to_string(*value) : "*"; };
  return std::string(1, static_cast<char>(rule.kind)) + " " + number(rule.major) + ":" +
         number(rule.minor) + " " + rule.access;
}

std::vector<bpf_insn> make_program(const std::vector<DeviceRule>& rules) {
  // struct bpf_cgroup_dev_ctx: access << 16 | kind, major, minor
  std::vector<bpf_insn> program = {
      load_word(kind, 0),
      copy(access, kind),
      with_number(BPF_AND, kind, 0xffff),
      with_number(BPF_RSH, access, 16),
      load_word(major_number, 4),
      load_word(minor_number, 8),
  };
  for (const DeviceRule& rule : rules) append_rule(rule, program);
  program.push_back(with_number(BPF_MOV, result, 0));
  program.push_back(end);
  return program;
}

}  // namespace mesolite::cgroups_devices

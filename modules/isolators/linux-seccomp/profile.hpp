// Profile: what system calls shall come to, as data; and the filter that it is compiled to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite::linux_seccomp {

struct Action {
  enum class Kind : std::uint8_t { allow, fail, kill_process, log };
  Kind kind = Kind::allow;
  int error_number = 0;  // if it fails

  friend bool operator==(const Action&, const Action&) = default;
};

enum class Comparison : std::uint8_t { equal, unequal, less, at_most, at_least, more, masked };

struct ArgumentRule {
  unsigned index = 0;
  Comparison comparison = Comparison::equal;
  std::uint64_t value = 0;         // if masked: the mask
  std::uint64_t masked_value = 0;  // what must be left under the mask
};

struct CallRule {
  std::vector<std::string> names;  // those that this machine does not know are passed over
  Action action;
  std::vector<ArgumentRule> arguments;  // all must hold
};

struct Profile {
  Action otherwise;
  std::vector<CallRule> rules;
};

// What ordinary programs need, and nothing that administers the machine: calls that it forbids fail
// with EPERM, those that it does not know with ENOSYS, so that programs fall back.
Profile built_in_profile();

// Reads Docker's JSON. Rules for architectures and capabilities that are not this container's are
// left out, as Docker does.
Result<Profile> parse_profile(std::string_view json);

// The bytes of the sock_filter structs that seccomp(2) takes.
Result<std::string> compile(const Profile& profile);

}  // namespace mesolite::linux_seccomp

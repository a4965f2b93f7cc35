// The only file that knows libseccomp.
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "profile.hpp"

namespace mesolite::linux_seccomp {
namespace {

constexpr std::uint32_t binary_tree = 2;  // of SCMP_FLTATR_CTL_OPTIMIZE

std::uint32_t number_of(const Action& action) {
  switch (action.kind) {
    case Action::Kind::allow:
      return SCMP_ACT_ALLOW;
    case Action::Kind::fail:
      return SCMP_ACT_ERRNO(static_cast<std::uint32_t>(action.error_number));
    case Action::Kind::kill_process:
      return SCMP_ACT_KILL_PROCESS;
    case Action::Kind::log:
      return SCMP_ACT_LOG;
  }
  return SCMP_ACT_KILL_PROCESS;
}

scmp_compare number_of(Comparison comparison) {
  constexpr std::array numbers = {SCMP_CMP_EQ, SCMP_CMP_NE, SCMP_CMP_LT,       SCMP_CMP_LE,
                                  SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ};
  return numbers[static_cast<std::size_t>(comparison)];
}

Status add_rule(scmp_filter_ctx filter, const CallRule& rule, const Action& otherwise) {
  if (rule.action == otherwise) return {};  // the library refuses what changes nothing
  std::vector<scmp_arg_cmp> arguments;
  for (const ArgumentRule& argument : rule.arguments) {
    arguments.push_back(
        {argument.index, number_of(argument.comparison), argument.value, argument.masked_value});
  }
  for (const std::string& name : rule.names) {
    const int call = ::seccomp_syscall_resolve_name(name.c_str());
    if (call == __NR_SCMP_ERROR) continue;
    const int added =
        ::seccomp_rule_add_array(filter, number_of(rule.action), call,
                                 static_cast<unsigned>(arguments.size()), arguments.data());
    if (added != 0) return system_failure("cannot add a rule for '" + name + "'", -added);
  }
  return {};
}

Result<std::string> exported(scmp_filter_ctx filter) {
  const int file = ::memfd_create("seccomp", MFD_CLOEXEC);
  if (file < 0) return system_failure("cannot make a file in memory", errno);
  const int error = -::seccomp_export_bpf(filter, file);
  std::string bytes;
  if (error == 0) {
    bytes.resize(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)));
    const ssize_t count = ::pread(file, bytes.data(), bytes.size(), 0);
    bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  }
  ::close(file);
  if (error != 0) return system_failure("cannot compile the filter", error);
  return bytes;
}

}  // namespace

Result<std::string> compile(const Profile& profile) {
  struct Release {
    void operator()(void* filter) const { ::seccomp_release(filter); }
  };
  const std::unique_ptr<void, Release> filter(::seccomp_init(number_of(profile.otherwise)));
  if (!filter) return failure("the library cannot make a filter");
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, binary_tree);
  // Calls of another architecture: as unknown ones.
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
  for (const CallRule& rule : profile.rules) {
    if (auto added = add_rule(filter.get(), rule, profile.otherwise); !added) {
      return tl::unexpected(added.error());
    }
  }
  return exported(filter.get());
}

}  // namespace mesolite::linux_seccomp

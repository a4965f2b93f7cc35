#include <grp.h>
#include <pwd.h>

#include <charconv>

#include "kernel/container/launch_spec.hpp"

namespace mesolite::container {
namespace {

// "1000" or "1000:100"; nothing if it is a name.
std::optional<Identity> numeric_identity(std::string_view text) {
  Identity identity;
  const char* end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, identity.uid);
  if (parsed.ec != std::errc{}) return std::nullopt;
  identity.gid = identity.uid;
  if (parsed.ptr != end && *parsed.ptr == ':') {
    parsed = std::from_chars(parsed.ptr + 1, end, identity.gid);
  }
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return identity;
}

}  // namespace

Result<Identity> find_identity(const std::string& user) {
  if (const auto numeric = numeric_identity(user)) return *numeric;
  std::vector<char> buffer(16u << 10);
  passwd entry{};
  passwd* found = nullptr;
  const int error = ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0) return system_failure("cannot look up user '" + user + "'", error);
  if (found == nullptr) return failure("user '" + user + "' does not exist on this agent");

  Identity identity{entry.pw_uid, entry.pw_gid, std::vector<std::uint32_t>(64)};
  int count = static_cast<int>(identity.groups.size());
  while (::getgrouplist(user.c_str(), identity.gid, identity.groups.data(), &count) < 0) {
    identity.groups.resize(static_cast<std::size_t>(count));
  }
  identity.groups.resize(static_cast<std::size_t>(count));
  return identity;
}

}  // namespace mesolite::container

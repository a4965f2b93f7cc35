#include "user.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

namespace mesolite::user {
namespace {

std::optional<uid_t> find_uid(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16384> text;
  if (::getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &found) != 0) return {};
  return found == nullptr ? std::nullopt : std::optional(found->pw_uid);
}

// The agent's own user is what a container has that names none.
bool runs_as_root(const std::string& user) {
  if (user.empty()) return ::geteuid() == 0;
  return find_uid(user) == uid_t{0};
}

}  // namespace

Result<std::unique_ptr<UserIsolator>> UserIsolator::create(const Parameters& parameters, Host&) {
  const auto uid = find_uid(parameters.user);
  if (!uid) return failure("parameter 'user': there is no user '" + parameters.user + "'");
  if (*uid == 0) return failure("parameter 'user': '" + parameters.user + "' is root");
  return std::unique_ptr<UserIsolator>(new UserIsolator(parameters));
}

Result<Nothing> UserIsolator::probe(const IsolatorProbe&) {
  if (::geteuid() != 0) return failure("only root can run tasks as another user");
  return Nothing{};
}

Result<Contribution> UserIsolator::prepare(const ContainerContext& container) {
  Contribution contribution = unattended();
  contribution.without_groups = !parameters_.keep_groups;
  if (!runs_as_root(container.user)) return contribution;
  const auto& trusted = parameters_.root_allowed;
  const auto& framework = container.framework_id.value;
  if (std::find(trusted.begin(), trusted.end(), framework) == trusted.end()) {
    contribution.user = parameters_.user;
  }
  return contribution;
}

}  // namespace mesolite::user

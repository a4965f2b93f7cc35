// mesolite-check: started by an agent to look after one container once.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "kernel/container/check/probe.hpp"
#include "kernel/container/helper_program.hpp"

namespace mesolite::container {
namespace {

Result<CheckOutcome> carry_out(const CheckOrder& order) {
  auto likeness = likeness_of(static_cast<pid_t>(order.pid));
  if (!likeness) return tl::unexpected(likeness.error());
  likeness->seccomp_filter = order.seccomp_filter;
  const Check& check = order.check;
  if (check.kind == CheckKind::command) {
    if (auto entered = enter(*likeness, order.cgroup_mount); !entered) {
      return tl::unexpected(entered.error());
    }
    return probe_command(check.command, *likeness);
  }
  if (auto entered = enter_network(*likeness); !entered) return tl::unexpected(entered.error());
  return check.kind == CheckKind::http ? probe_http(check.port, check.path) : probe_tcp(check.port);
}

int run() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  return run_helper_program<CheckOrder>("mesolite-check", check_answer, [](const auto& order) {
    auto outcome = carry_out(order);
    return outcome ? std::move(*outcome) : CheckOutcome{false, outcome.error().message};
  });
}

}  // namespace
}  // namespace mesolite::container

int main() {
  // It may be half inside a container by now: nothing that an ordinary exit runs is to run there.
  ::_exit(mesolite::container::run());
}

// mesolite-check: started by an agent to look after one container once.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "kernel/container/check/probe.hpp"

namespace mesolite::container {
namespace {

constexpr int exit_usage = 64;

std::string read_order() {
  std::string text;
  char piece[4096];
  for (ssize_t count; (count = ::read(STDIN_FILENO, piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<std::size_t>(count));
  }
  return text;
}

Result<CheckOutcome> carry_out(const CheckOrder& order) {
  const auto likeness = likeness_of(static_cast<pid_t>(order.pid));
  if (!likeness) return tl::unexpected(likeness.error());
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
  const auto order = decode<CheckOrder>(read_order());
  if (!order) {
    std::fputs("mesolite-check is started by an agent, with an order on standard input\n", stderr);
    return exit_usage;
  }
  auto outcome = carry_out(*order);
  if (!outcome) outcome = CheckOutcome{false, outcome.error().message};
  const std::string answer = encode(*outcome);
  const ssize_t written = ::write(check_answer, answer.data(), answer.size());
  return written == static_cast<ssize_t>(answer.size()) ? 0 : 1;
}

}  // namespace
}  // namespace mesolite::container

int main() {
  return mesolite::container::run();
}

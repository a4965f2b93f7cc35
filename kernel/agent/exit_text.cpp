#include "kernel/agent/exit_text.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace mesolite::agent {
namespace {

// Of Linux on most architectures; signal 0 is none.
constexpr std::array<std::string_view, 32> signal_names = {
    "",          "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",
    "SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM",
    "SIGSTKFLT", "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",
    "SIGXCPU",   "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS"};

constexpr std::int32_t signal_mask = 0x7f;
constexpr std::int32_t core_flag = 0x80;

}  // namespace

std::string exit_text(std::int32_t status) {
  const std::int32_t signal = status & signal_mask;
  if (signal == 0) return "exited with status " + std::to_string((status >> 8) & 0xff);
  std::string text = "killed by signal " + std::to_string(signal);
  const auto index = static_cast<std::size_t>(signal);
  if (index < signal_names.size()) text += " (" + std::string(signal_names[index]) + ")";
  if ((status & core_flag) != 0) text += ", core dumped";
  return text;
}

}  // namespace mesolite::agent

// What the mains of both daemons have in common: what they say before they serve.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/config/options.hpp"
#include "kernel/runtime/event_log.hpp"

namespace mesolite::daemon {

// "mesos-master: <sentence>" on standard error; answers with `status`, for main() to return.
int fail(std::string_view program, const Error& error, int status = 1);

// Answers --help and --version on standard output; the exit status if the program ends with that.
std::optional<int> answer(config::Action action, const config::OptionTable& table);

// What the flags alone decide: wrong ones, --help and --version end the program, warnings are said.
template <class Options>
std::optional<int> answer(const Result<config::Loaded<Options>>& flags,
                          const config::OptionTable& table) {
  if (!flags) return fail(table.program, flags.error(), config::exit_usage);
  for (const std::string& warning : flags->warnings) {
    std::cerr << table.program << ": " << warning << '\n';
  }
  return answer(flags->action, table);
}

runtime::EventLogOptions log_options(std::string_view program, const std::string& level, bool quiet,
                                     const std::filesystem::path& directory);

// As many open files as the system allows: each agent and scheduler is one.
void raise_descriptor_limit();

// Warns if the directory is on a file system in memory: after a reboot what is in it is gone.
void warn_of_vanishing(runtime::EventLog& log, const std::filesystem::path& work_dir);

// Warns if others than users of this machine may do everything here.
void warn_of_permission(runtime::EventLog& log, const std::string& ip,
                        const std::filesystem::path& acls);

// A program that we start ourselves, of this program's own installation or build tree.
std::filesystem::path installed_helper(const std::string& name);

// One line on standard output, "ready http://127.0.0.1:5050", for whoever waits until we serve or
// asked for any free port; https with a certificate.
void say_ready(const std::string& ip, std::uint16_t port, const std::filesystem::path& certificate);

}  // namespace mesolite::daemon

#include "kernel/daemon/start_up.hpp"

#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#include "kernel/runtime/acl_file.hpp"
#include "mesolite/protocol/version.hpp"

namespace mesolite::daemon {

int fail(std::string_view program, const Error& error, int status) {
  std::cerr << program << ": " << error.message << std::endl;
  return status;
}

std::optional<int> answer(config::Action action, const config::OptionTable& table) {
  switch (action) {
    case config::Action::run:
      return std::nullopt;
    case config::Action::help:
      std::cout << config::help_text(table) << std::flush;
      break;
    case config::Action::version:
      std::cout << table.program << ' ' << version << std::endl;
      break;
  }
  return 0;
}

runtime::EventLogOptions log_options(std::string_view program, const std::string& level, bool quiet,
                                     const std::filesystem::path& directory) {
  runtime::EventLogOptions options;
  options.program = program;
  options.least = runtime::severity_named(level);
  options.to_stderr = !quiet;
  options.directory = directory;
  return options;
}

void raise_descriptor_limit() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

void warn_of_vanishing(runtime::EventLog& log, const std::filesystem::path& work_dir) {
  struct statfs info {};
  if (::statfs(work_dir.c_str(), &info) != 0) return;
  if (info.f_type != TMPFS_MAGIC && info.f_type != RAMFS_MAGIC) return;
  log.write(Severity::warning, "work_dir_in_memory path=" + work_dir.string() +
                                   ": registry and sandboxes vanish at reboot, give --work_dir "
                                   "on a disk");
}

void warn_of_permission(runtime::EventLog& log, const std::string& ip,
                        const std::filesystem::path& acls) {
  if (!acls.empty() || runtime::is_loopback(ip)) return;
  log.write(Severity::warning,
            "permissive ip=" + ip + ": whoever reaches it may do everything, give --acls");
}

std::filesystem::path installed_helper(const std::string& name) {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return program.parent_path().parent_path() / "libexec/mesolite" / name;
}

void say_ready(const std::string& ip, std::uint16_t port,
               const std::filesystem::path& certificate) {
  std::cout << (certificate.empty() ? "ready http://" : "ready https://") << ip << ':' << port
            << std::endl;
}

}  // namespace mesolite::daemon

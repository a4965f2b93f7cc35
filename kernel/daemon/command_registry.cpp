// `mesolite registry show | check`: what the registry of a master that does not run holds.
#include <iostream>

#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/registry/sqlite_registry.hpp"
#include "kernel/runtime/standalone_leadership.hpp"

namespace mesolite::daemon {
namespace {

Result<std::vector<registry::Record>> read_records(const std::filesystem::path& work_dir) {
  const auto file = work_dir / registry::sqlite_file_name;
  if (!std::filesystem::exists(file))
    return failure("there is no registry '" + file.string() + "'");
  const auto registry = registry::open_sqlite_registry(file, registry::OpenMode::existing);
  if (!registry) return tl::unexpected(registry.error());
  return (*registry)->load();
}

}  // namespace

int show_registry_command(const RegistryOptions& options) {
  const auto records = read_records(options.work_dir);
  if (!records) return fail("mesolite", records.error());
  for (const registry::Record& record : *records) {
    const auto text = runtime::record_text(record);
    std::cout << record.key << "  " << (text ? *text : "(unreadable)") << '\n';
  }
  std::cout << std::flush;
  return 0;
}

int check_registry_command(const RegistryOptions& options) {
  const auto records = read_records(options.work_dir);
  if (!records) return fail("mesolite", records.error());
  std::size_t unreadable = 0;
  for (const registry::Record& record : *records) {
    const auto text = runtime::record_text(record);
    if (text) continue;
    ++unreadable;
    fail("mesolite", text.error());
  }
  std::cout << records->size() << " records, " << unreadable << " unreadable" << std::endl;
  return unreadable == 0 ? 0 : 1;
}

}  // namespace mesolite::daemon

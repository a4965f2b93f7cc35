// `mesolite registry show | check | copy`: what the registry of masters that do not run holds.
#include <filesystem>
#include <iostream>

#include "kernel/config/option.hpp"
#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/registry/sqlite_registry.hpp"
#include "kernel/registry/zookeeper_registry.hpp"
#include "kernel/runtime/leadership.hpp"

namespace mesolite::daemon {
namespace {

constexpr Duration session_timeout = 10s;

Result<std::unique_ptr<registry::Registry>> open_registry(const std::string& place,
                                                          registry::OpenMode mode) {
  if (place.starts_with(detection::zookeeper_scheme)) {
    auto ensemble = detection::parse_zookeeper_url(place);
    if (!ensemble) return tl::unexpected(ensemble.error());
    return registry::open_zookeeper_registry({std::move(*ensemble), "", session_timeout});
  }
  const std::filesystem::path directory = place;
  const auto file = directory / registry::sqlite_file_name;
  if (mode == registry::OpenMode::existing && !std::filesystem::exists(file)) {
    return failure("there is no registry '" + file.string() + "'");
  }
  std::error_code problem;
  std::filesystem::create_directories(directory, problem);
  if (problem) return failure("cannot make '" + place + "': " + problem.message());
  return registry::open_sqlite_registry(file, mode);
}

Result<std::vector<registry::Record>> read_records(const std::string& place) {
  const auto registry = open_registry(place, registry::OpenMode::existing);
  if (!registry) return tl::unexpected(registry.error());
  return (*registry)->load();
}

// How many records were copied.
Result<std::size_t> copy_registry(const std::string& from, const std::string& to) {
  const auto records = read_records(from);
  if (!records) return tl::unexpected(records.error());
  const auto target = open_registry(to, registry::OpenMode::create);
  if (!target) return tl::unexpected(target.error());
  const auto present = (*target)->load();
  if (!present) return tl::unexpected(present.error());
  if (!present->empty()) {
    return failure("the registry at '" + config::masked(to) + "' holds " +
                   std::to_string(present->size()) + " records already");
  }
  if (auto written = (*target)->write(*records); !written) return tl::unexpected(written.error());
  return records->size();
}

}  // namespace

int show_registry_command(const RegistryOptions& options) {
  const auto records = read_records(options.place);
  if (!records) return fail("mesolite", records.error());
  for (const registry::Record& record : *records) {
    const auto text = runtime::record_text(record);
    std::cout << record.key << "  " << (text ? *text : "(unreadable)") << '\n';
  }
  std::cout << std::flush;
  return 0;
}

int check_registry_command(const RegistryOptions& options) {
  const auto records = read_records(options.place);
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

int copy_registry_command(const CopyRegistryOptions& options) {
  const auto copied = copy_registry(options.from, options.to);
  if (!copied) return fail("mesolite", copied.error());
  std::cout << *copied << " records copied" << std::endl;
  return 0;
}

}  // namespace mesolite::daemon

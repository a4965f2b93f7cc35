// ModuleLoader: the one door through which modules come in, ours and strangers' alike.
//
// Every library is first tried in a process of its own, then checked (kind, interface, parameters),
// and only then opened in this one. Each failure is one sentence that names the file and what is
// wrong. Safe from any thread; blocks for some milliseconds a library.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/module/client.hpp"
#include "sdk/src/module/library.hpp"
#include "sdk/src/module/preflight.hpp"

namespace mesolite {

// A library of the modules' directory: what it is, or why it cannot be used.
struct CatalogueEntry {
  std::filesystem::path file;
  Result<ModuleDescription> description;
};

// Where this program's own installation, or build tree, has what loading needs. Empty if not there.
struct ModulePaths {
  std::filesystem::path preflight;
  std::filesystem::path host;  // mesolite-module-host
  std::filesystem::path modules;
};
ModulePaths installed_module_paths();

// What a module has to be: a kind's name, and the newest version of its interface that we speak.
struct WantedModule {
  std::string_view kind;  // a literal
  std::uint32_t interface_version = 0;
};

template <class Kind>
constexpr WantedModule wanted_module() {
  return {ModuleKind<Kind>::name, ModuleKind<Kind>::interface_version};
}

// Why a module cannot be used as `wanted` with these parameters, or "" if it can.
std::string unusable(const ModuleDescription& description, const WantedModule& wanted,
                     const ParameterMap& parameters);

class ModuleLoader {
 public:
  // With an empty program nothing is tried beforehand: for those who trust their files.
  explicit ModuleLoader(PreflightSettings settings) : settings_(std::move(settings)) {}

  // What a library says of itself; it is not opened in this process.
  Result<ModuleDescription> describe(const std::filesystem::path& file) const;

  // All libraries (*.so) of a directory, by file name; makes no instances.
  Result<std::vector<CatalogueEntry>> catalogue(const std::filesystem::path& directory) const;

  // The library in `directory` that holds the module of this kind and name: NAME.so, with '-' for
  // '/', or else the first that says so of itself. Fails with the nearest name that is there.
  Result<std::filesystem::path> find(const std::filesystem::path& directory, std::string_view kind,
                                     std::string_view name) const;

  // A running module. `host` outlives it.
  template <class Kind>
  Result<std::unique_ptr<Kind>> load(const std::filesystem::path& file,
                                     const ParameterMap& parameters, Host& host) const {
    auto instance = make(file, wanted_module<Kind>(), parameters, host);
    if (!instance) return tl::unexpected(instance.error());
    return std::make_unique<ModuleClient<Kind>>(std::move(*instance));
  }
  // The same behind bytes, for who puts something between the kind and its module.
  Result<std::unique_ptr<ModuleInstance>> make(const std::filesystem::path& file,
                                               const WantedModule& wanted,
                                               const ParameterMap& parameters, Host& host) const;

 private:
  PreflightSettings settings_;
};

}  // namespace mesolite

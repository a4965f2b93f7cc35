#include "sdk/src/module/loader.hpp"

#include <algorithm>
#include <system_error>

#include "mesolite/base/guarded_file.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite {
namespace {

namespace fs = std::filesystem;

// "an allocator"
std::string with_article(std::string_view noun) {
  const bool vowel = !noun.empty() && std::string_view("aeiou").find(noun[0]) != noun.npos;
  return (vowel ? "an " : "a ") + std::string(noun);
}

std::string file_name_of(std::string_view module_name) {
  std::string name(module_name);
  std::replace(name.begin(), name.end(), '/', '-');
  return name + ".so";
}

}  // namespace

std::string unusable(const ModuleDescription& description, const WantedModule& wanted,
                     const ParameterMap& parameters) {
  if (description.kind != wanted.kind) {
    return "is " + with_article(description.kind) + " and not " + with_article(wanted.kind);
  }
  if (description.interface_version > wanted.interface_version) {
    return "has version " + std::to_string(description.interface_version) + " of the " +
           description.kind + " interface, and this program knows up to version " +
           std::to_string(wanted.interface_version) + ": build it with a matching SDK";
  }
  const std::string problem = invalid_parameters(parameters, description.parameters);
  return problem.empty() ? "" : "cannot take its parameters: " + problem;
}

ModulePaths installed_module_paths() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path root = program.parent_path().parent_path();
  ModulePaths paths{root / "libexec/mesolite/mesolite-preflight",
                    root / "libexec/mesolite/mesolite-module-host", root / "lib/mesolite/modules"};
  for (fs::path* path : {&paths.preflight, &paths.host, &paths.modules}) {
    if (!fs::exists(*path, error)) path->clear();
  }
  return paths;
}

// Before any of its code runs: whoever can write it is as mighty as we are.
Result<ModuleDescription> ModuleLoader::describe(const fs::path& file) const {
  std::error_code error;
  if (fs::is_regular_file(file, error)) {
    if (auto guarded = check_guarded("module", file); !guarded) {
      return tl::unexpected(guarded.error());
    }
  }
  if (!settings_.program.empty()) return preflight(settings_, file);
  const auto library = ModuleLibrary::open(file);
  if (!library) return tl::unexpected(library.error());
  return (*library)->description();
}

Result<std::vector<CatalogueEntry>> ModuleLoader::catalogue(const fs::path& directory) const {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".so") files.push_back(entry->path());
  }
  if (error) {
    return failure("cannot list the modules' directory '" + directory.string() +
                   "': " + error.message());
  }
  std::sort(files.begin(), files.end());
  std::vector<CatalogueEntry> entries;
  entries.reserve(files.size());
  for (const fs::path& file : files) entries.push_back({file, describe(file)});
  return entries;
}

Result<fs::path> ModuleLoader::find(const fs::path& directory, std::string_view kind,
                                    std::string_view name) const {
  std::error_code error;
  const fs::path likely = directory / file_name_of(name);
  if (fs::exists(likely, error)) {
    const auto description = describe(likely);
    if (!description) return tl::unexpected(description.error());
    if (description->name == name && description->kind == kind) return likely;
  }
  const auto entries = catalogue(directory);
  if (!entries) return tl::unexpected(entries.error());
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : *entries) {
    if (!entry.description || entry.description->kind != kind) continue;
    if (entry.description->name == name) return entry.file;
    names.push_back(entry.description->name);
  }
  std::string problem = "there is no " + std::string(kind) + " '" + std::string(name) + "' in '" +
                        directory.string() + "'";
  if (const std::string near = nearest_name(name, names); !near.empty()) {
    return failure(problem + "; did you mean '" + near + "'?");
  }
  for (const std::string& other : names) {
    problem += (&other == &names[0] ? "; it has " : ", ") + other;
  }
  return failure(problem);
}

Result<std::unique_ptr<ModuleInstance>> ModuleLoader::make(const fs::path& file,
                                                           const WantedModule& wanted,
                                                           const ParameterMap& parameters,
                                                           Host& host) const {
  const auto described = describe(file);
  if (!described) return tl::unexpected(described.error());
  const std::string problem = unusable(*described, wanted, parameters);
  if (!problem.empty()) return failure(module_title(file) + " " + problem);
  auto library = ModuleLibrary::open(file);
  if (!library) return tl::unexpected(library.error());
  auto instance = create_instance((*library)->manifest(), parameters, host, *library);
  if (!instance) return failure(module_title(file) + " cannot be started", instance.error());
  return instance;
}

}  // namespace mesolite

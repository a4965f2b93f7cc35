// One open module library and the manifest in it. Opening runs its static constructors, and a
// broken file may crash in there: the loader tries that in a process of its own first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "mesolite/base/result.hpp"
#include "mesolite/module/manifest.h"
#include "mesolite/module/parameters.hpp"

namespace mesolite {

// A manifest as plain values.
struct ModuleDescription {
  std::string file;  // absolute path
  std::string kind;
  std::uint32_t interface_version = 0;
  std::string name;
  std::string version;
  std::string summary;
  std::string author;
  ParameterMap parameters;  // with their defaults
  MESOLITE_FIELDS(file, kind, interface_version, name, version, summary, author, parameters);
};

class ModuleLibrary {
 public:
  // Fails with one sentence that names the file and what is wrong with it or with a field of its
  // manifest. The file stays open as long as somebody holds it.
  static Result<std::shared_ptr<const ModuleLibrary>> open(const std::filesystem::path& file);

  ~ModuleLibrary();
  ModuleLibrary(const ModuleLibrary&) = delete;
  ModuleLibrary& operator=(const ModuleLibrary&) = delete;

  const mesolite_manifest& manifest() const { return *manifest_; }
  const ModuleDescription& description() const { return description_; }

 private:
  class Handle;
  ModuleLibrary();

  std::unique_ptr<Handle> handle_;
  const mesolite_manifest* manifest_ = nullptr;  // in the library
  ModuleDescription description_;
};

// Why a manifest cannot be used, or "" if it can. Reads no field before the ones that vouch for it.
std::string invalid_manifest(const mesolite_manifest* manifest);

// "module '/x/y.so'": the beginning of every sentence about a file.
std::string module_title(const std::filesystem::path& file);

}  // namespace mesolite

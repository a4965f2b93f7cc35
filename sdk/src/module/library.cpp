#include "sdk/src/module/library.hpp"

#include <boost/dll/shared_library.hpp>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <exception>
#include <system_error>

namespace mesolite {

namespace dll = boost::dll;

class ModuleLibrary::Handle {
 public:
  // Throws what Boost.DLL throws: of its two constructors only this one keeps the reason.
  explicit Handle(const std::filesystem::path& file)
      : library_(file.string(), dll::load_mode::rtld_now | dll::load_mode::rtld_local) {}

  bool has_symbol() const { return library_.has(MESOLITE_MODULE_SYMBOL); }
  const mesolite_manifest* manifest() const {
    return library_.get<const mesolite_manifest*()>(MESOLITE_MODULE_SYMBOL)();
  }

 private:
  dll::shared_library library_;
};

ModuleLibrary::ModuleLibrary() = default;
ModuleLibrary::~ModuleLibrary() = default;

namespace {

constexpr std::size_t field_bytes_max = 1024;

// Why a text field cannot be used, or "".
std::string invalid_text(const char* field, const char* text) {
  if (text == nullptr) return std::string("its manifest has no ") + field;
  const std::size_t size = strnlen(text, field_bytes_max + 1);
  if (size == 0) return std::string("the ") + field + " in its manifest is empty";
  if (size > field_bytes_max) {
    return std::string("the ") + field + " in its manifest is longer than " +
           std::to_string(field_bytes_max) + " bytes";
  }
  const bool printable = std::all_of(text, text + size, [](char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
  });
  return printable ? "" : std::string("the ") + field + " in its manifest is not one line of text";
}

std::string invalid_name(const char* name) {
  if (std::string problem = invalid_text("name", name); !problem.empty()) return problem;
  const std::string_view text(name);
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::islower(c) || std::isdigit(c) || c == '-' || c == '_' || c == '/' || c == '.';
  });
  if (plain) return "";
  return "the name '" + std::string(text) +
         "' in its manifest has other letters than a-z, 0-9, '-', '_', '.' and '/'";
}

std::string invalid_versions(const mesolite_manifest& manifest) {
  if (manifest.magic != MESOLITE_MODULE_MAGIC) {
    return "its manifest does not begin with the magic number of a mesolite module";
  }
  if (manifest.abi_version != MESOLITE_MODULE_ABI) {
    return "its manifest has ABI version " + std::to_string(manifest.abi_version) +
           ", and this program loads version " + std::to_string(MESOLITE_MODULE_ABI) +
           ": build it with a matching SDK";
  }
  if (manifest.size < sizeof(mesolite_manifest)) {
    return "its manifest says it is " + std::to_string(manifest.size) +
           " bytes long, which is shorter than ABI version " +
           std::to_string(manifest.abi_version) + " has it";
  }
  return "";
}

Result<ParameterMap> read_parameters(const mesolite_manifest& manifest) {
  const auto& bytes = manifest.parameters;
  if (bytes.data == nullptr || bytes.size == 0) return failure("its manifest has no parameters");
  auto parameters = decode<ParameterMap>({reinterpret_cast<const char*>(bytes.data), bytes.size});
  if (!parameters) {
    return failure("cannot read the parameters in its manifest", parameters.error());
  }
  return parameters;
}

// Boost says "boost::dll::shared_library::load() failed (dlerror system message: REASON): Bad file
// descriptor"; only REASON is worth reading, and the file is named already.
std::string reason_of(std::string text, const std::string& file) {
  constexpr std::string_view opening = "dlerror system message: ";
  if (const auto begin = text.find(opening); begin != std::string::npos) {
    text.erase(0, begin + opening.size());
    if (const auto end = text.rfind("): "); end != std::string::npos) text.erase(end);
  }
  if (text.starts_with(file + ": ")) text.erase(0, file.size() + 2);
  return text;
}

Status check_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) return failure(module_title(file) + " does not exist");
  if (!std::filesystem::is_regular_file(status)) {
    return failure(module_title(file) + " is not a file");
  }
  return {};
}

}  // namespace

std::string module_title(const std::filesystem::path& file) {
  return "module '" + file.string() + "'";
}

std::string invalid_manifest(const mesolite_manifest* manifest) {
  if (manifest == nullptr) return "it answers without a manifest (null)";
  if (std::string problem = invalid_versions(*manifest); !problem.empty()) return problem;
  if (std::string problem = invalid_text("kind", manifest->kind); !problem.empty()) return problem;
  if (manifest->interface_version == 0) return "its manifest has no interface version";
  if (std::string problem = invalid_name(manifest->name); !problem.empty()) return problem;
  for (const auto& [field, text] :
       {std::pair{"version", manifest->version}, std::pair{"summary", manifest->summary}}) {
    if (std::string problem = invalid_text(field, text); !problem.empty()) return problem;
  }
  if (manifest->author == nullptr) return "its manifest has no author (it may be empty)";
  for (const auto& [field, missing] : {std::pair{"create", manifest->create == nullptr},
                                       std::pair{"call", manifest->call == nullptr},
                                       std::pair{"destroy", manifest->destroy == nullptr}}) {
    if (missing) return std::string("its manifest has no function '") + field + "'";
  }
  const auto parameters = read_parameters(*manifest);
  return parameters ? "" : parameters.error().message;
}

Result<std::shared_ptr<const ModuleLibrary>> ModuleLibrary::open(
    const std::filesystem::path& file) {
  if (const Status usable = check_file(file); !usable) return tl::unexpected(usable.error());
  const std::string title = module_title(file);
  std::shared_ptr<ModuleLibrary> library(new ModuleLibrary);
  try {
    library->handle_ = std::make_unique<Handle>(std::filesystem::absolute(file));
    if (!library->handle_->has_symbol()) {
      return failure(title + " is a library, but exports no function '" MESOLITE_MODULE_SYMBOL
                             "': it has no MESOLITE_MODULE line");
    }
    library->manifest_ = library->handle_->manifest();
  } catch (const std::exception& exception) {
    return failure(title + " cannot be opened: " +
                   reason_of(exception.what(), std::filesystem::absolute(file).string()));
  } catch (...) {
    return failure(title + " threw something that is no std::exception while it was opened");
  }
  const std::string problem = invalid_manifest(library->manifest_);
  if (!problem.empty()) return failure(title + " cannot be used: " + problem);
  const mesolite_manifest& manifest = *library->manifest_;
  library->description_ = {std::filesystem::absolute(file).string(),
                           manifest.kind,
                           manifest.interface_version,
                           manifest.name,
                           manifest.version,
                           manifest.summary,
                           manifest.author,
                           *read_parameters(manifest)};
  return library;
}

}  // namespace mesolite

#include "frameworks/mini-hadoop/library/library_job.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "frameworks/mini-hadoop/api/job_library.hpp"
#include "frameworks/mini-hadoop/engine/class_job.hpp"
#include "frameworks/mini-hadoop/engine/groups.hpp"

namespace mesolite::hadoop {
namespace {

std::string path_of(const Parameters& parameters) {
  const auto library = parameters.find("library");
  if (library == parameters.end()) return {};
  const auto shipped = parameters.find("files");
  if (shipped == parameters.end()) return library->second;
  return shipped->second + "/" + std::filesystem::path(library->second).filename().string();
}

Result<const JobLibrary*> load(const std::string& path) {
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return failure("cannot load the job library: " + std::string(dlerror()));
  const auto* const library = static_cast<const JobLibrary*>(dlsym(handle, job_library_symbol));
  if (library == nullptr) {
    return failure("'" + path + "' is no job library: it has no MINI_HADOOP_JOB");
  }
  if (std::string_view(library->abi) != job_library_abi) {
    return failure("'" + path + "' was built for another mini-hadoop: for '" + library->abi +
                   "', and this is '" + job_library_abi + "'");
  }
  return library;
}

}  // namespace

Result<std::unique_ptr<Job>> library_job(const Parameters& parameters) {
  const std::string path = path_of(parameters);
  if (path.empty()) return failure("a job library is a file: the parameter 'library' is missing");
  const auto library = load(path);
  if (!library) return tl::unexpected(library.error());
  Result<JobClasses> classes;
  const Status made = guarded("job library", [&]() -> Status {
    classes = (*library)->make(parameters);
    return classes ? Status{} : tl::unexpected(classes.error());
  });
  if (!made) return failure("'" + path + "' refuses", made.error());
  if (!classes->mapper) return failure("'" + path + "' makes a job without a mapper");
  return std::make_unique<ClassJob>(std::move(*classes));
}

}  // namespace mesolite::hadoop

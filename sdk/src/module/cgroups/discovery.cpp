// Which controller is where, and the paths that follow from it.
#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "mesolite/base/check.hpp"
#include "mesolite/base/text.hpp"
#include "mesolite/module/cgroups.hpp"

namespace mesolite {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view leaf = "/leaf";

// What every v2 group can do, whatever controllers its hierarchy has.
constexpr std::array<std::string_view, 4> built_in_v2 = {"cgroup", "cpuacct", "devices", "freezer"};

bool contains(const auto& list, const auto& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string_view v1_name(std::string_view controller) {
  return controller == "io" ? "blkio" : controller;
}

std::vector<std::string> words(std::string_view text, char separator) {
  std::vector<std::string> result;
  for (const std::string_view word : split(trim(text), separator)) {
    if (!word.empty()) result.emplace_back(word);
  }
  return result;
}

}  // namespace

CgroupFs::CgroupFs(CgroupPlace place, std::shared_ptr<CgroupCalls> calls)
    : place_(std::move(place)),
      calls_(calls ? std::move(calls) : std::make_shared<CgroupCalls>()) {}

Result<CgroupFs> CgroupFs::open(CgroupPlace place, std::shared_ptr<CgroupCalls> calls) {
  CgroupFs groups(std::move(place), std::move(calls));
  groups.discover();
  if (groups.hierarchies_.empty()) {
    return failure("no cgroup hierarchy is mounted at or below '" + groups.place_.mount + "'");
  }
  return groups;
}

// Hierarchies are told by their files, not by the list of mounts: a file that only v2 has, or one
// that all have in a folder that is named after its controllers ("cpu,cpuacct").
void CgroupFs::discover() {
  std::string text;
  if (calls_->read(place_.mount + "/cgroup.controllers", text) == 0) {
    return add_hierarchy(CgroupVersion::v2, place_.mount, words(text, ' '));
  }
  std::vector<std::string> folders;
  std::error_code error;
  for (fs::directory_iterator entry(place_.mount, error), end; !error && entry != end;
       entry.increment(error)) {
    // Symbolic links ("cpu" for "cpu,cpuacct") lead to what is found under its own name.
    if (entry->is_directory(error) && !entry->is_symlink(error)) folders.push_back(entry->path());
  }
  std::sort(folders.begin(), folders.end());
  for (const std::string& folder : folders) {
    if (calls_->read(folder + "/cgroup.controllers", text) == 0) {
      add_hierarchy(CgroupVersion::v2, folder, words(text, ' '));
    } else if (fs::exists(folder + "/cgroup.procs", error)) {
      add_hierarchy(CgroupVersion::v1, folder, words(fs::path(folder).filename().string(), ','));
    }
  }
}

void CgroupFs::add_hierarchy(CgroupVersion version, const std::string& directory,
                             std::vector<std::string> controllers) {
  auto hierarchy = std::make_unique<Hierarchy>();
  hierarchy->version = version;
  hierarchy->directory = directory;
  hierarchy->controllers = std::move(controllers);
  if (version == CgroupVersion::v2) v2_ = hierarchy.get();
  hierarchies_.push_back(std::move(hierarchy));
}

const CgroupFs::Hierarchy* CgroupFs::find(std::string_view controller) const {
  for (const auto& hierarchy : hierarchies_) {
    const bool v1 = hierarchy->version == CgroupVersion::v1;
    if (contains(hierarchy->controllers, v1 ? v1_name(controller) : controller)) {
      return hierarchy.get();
    }
  }
  return contains(built_in_v2, controller) ? v2_ : nullptr;
}

std::vector<const CgroupFs::Hierarchy*> CgroupFs::of(
    const std::vector<std::string>& controllers) const {
  std::vector<const Hierarchy*> found;
  for (const std::string& controller : controllers) {
    const Hierarchy* hierarchy = find(controller);
    if (hierarchy != nullptr && !contains(found, hierarchy)) found.push_back(hierarchy);
  }
  return found;
}

std::optional<CgroupVersion> CgroupFs::version(std::string_view controller) const {
  const Hierarchy* hierarchy = find(controller);
  return hierarchy == nullptr ? std::nullopt : std::optional(hierarchy->version);
}

Result<CgroupVersion> CgroupFs::require(std::string_view controller) const {
  if (const auto found = version(controller)) return *found;
  return failure("the cgroup controller '" + std::string(controller) +
                 "' is not mounted at or below '" + place_.mount + "'");
}

std::string CgroupFs::directory(const Hierarchy& hierarchy, const std::string& name) const {
  std::string path = hierarchy.directory + "/" + place_.root;
  return name.empty() ? path : path + "/" + name;
}

std::string CgroupFs::process_directory(const Hierarchy& hierarchy, const std::string& name) const {
  std::string path = directory(hierarchy, name);
  if (hierarchy.version == CgroupVersion::v2) path += leaf;
  return path;
}

std::string CgroupFs::path(std::string_view controller, const std::string& name,
                           std::string_view file) const {
  const Hierarchy* hierarchy = find(controller);
  MESOLITE_CHECK(hierarchy != nullptr, "a controller is asked for that is not mounted");
  std::string path = directory(*hierarchy, name);
  return file.empty() ? path : path + "/" + std::string(file);
}

std::vector<std::string> CgroupFs::directories(const std::string& name,
                                               const std::vector<std::string>& controllers) const {
  std::vector<std::string> paths;
  for (const Hierarchy* hierarchy : of(controllers)) {
    paths.push_back(process_directory(*hierarchy, name));
  }
  return paths;
}

}  // namespace mesolite

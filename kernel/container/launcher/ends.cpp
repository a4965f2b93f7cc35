// How containers have ended that nobody was there to be told of: a small file for each.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "kernel/container/launcher/launcher.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;

constexpr const char* folder = "ended";
constexpr const char* unfinished = ".new";

bool write_durably(const fs::path& path, const std::string& text) {
  const Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  return file &&
         ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         ::fsync(file.get()) == 0;
}

}  // namespace

void Launcher::load_ends() {
  std::error_code error;
  for (fs::directory_iterator entry(fs::path(directory_) / folder, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    std::int32_t status = 0;
    std::ifstream file(entry->path());
    if (!name.ends_with(unfinished) && file >> status) ends_.emplace(name, status);
  }
}

// If this fails, the disk is full or worse: the launcher still knows, for as long as it lives.
void Launcher::save_end(const ContainerId& id, std::int32_t status) {
  const fs::path directory = fs::path(directory_) / folder;
  std::error_code error;
  fs::create_directory(directory, error);
  const fs::path path = directory / id.value;
  const fs::path fresh = path.string() + unfinished;
  if (!write_durably(fresh, std::to_string(status) + "\n")) return;
  fs::rename(fresh, path, error);
  const Descriptor folder_file(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ::fsync(folder_file.get());
}

void Launcher::remove_end(const ContainerId& id) {
  ::unlink((fs::path(directory_) / folder / id.value).c_str());
}

}  // namespace mesolite::container

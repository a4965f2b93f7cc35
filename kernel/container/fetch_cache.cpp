#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "kernel/container/fetcher.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;

// errno, or 0.
int copy_content(const Descriptor& from, const Descriptor& to) {
  std::array<char, 1u << 16> piece;
  off_t offset = 0;
  while (true) {
    const ssize_t count = ::pread(from.get(), piece.data(), piece.size(), offset);
    if (count <= 0) return count < 0 ? errno : 0;
    if (::pwrite(to.get(), piece.data(), static_cast<std::size_t>(count), offset) != count) {
      return ENOSPC;
    }
    offset += count;
  }
}

}  // namespace

FetchCache::FetchCache(fs::path directory, std::uint64_t bytes_max)
    : directory_(std::move(directory)), bytes_max_(bytes_max) {
  std::error_code ignored;  // without a cache everything is fetched each time
  fs::remove_all(directory_, ignored);
  if (bytes_max_ == 0) return;
  fs::create_directories(directory_, ignored);
  fs::permissions(directory_, fs::perms::owner_all, ignored);
}

const FetchCache::Copy* FetchCache::find(const std::string& key) {
  const auto known = index_.find(key);
  if (known == index_.end()) return nullptr;
  entries_.splice(entries_.end(), entries_, known->second);
  return &known->second->copy;
}

void FetchCache::keep(const std::string& key, const Descriptor& file, const Fetched& fetched) {
  forget(key);
  struct stat facts {};
  // Without either nobody could say whether it has changed since.
  if (fetched.etag.empty() && fetched.modified_at.empty()) return;
  if (::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return;
  const auto bytes = static_cast<std::uint64_t>(facts.st_size);
  if (!make_room(bytes)) return;
  Copy copy{directory_ / std::to_string(++last_), bytes, fetched.etag, fetched.modified_at};
  const Descriptor target(
      ::open(copy.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!target || copy_content(file, target) != 0) {
    ::unlink(copy.path.c_str());
    return;
  }
  bytes_ += bytes;
  entries_.push_back({key, std::move(copy)});
  index_[key] = std::prev(entries_.end());
}

bool FetchCache::make_room(std::uint64_t bytes) {
  if (bytes > bytes_max_) return false;
  while (bytes_ + bytes > bytes_max_) forget(std::string(entries_.front().key));
  return true;
}

void FetchCache::forget(const std::string& key) {
  const auto known = index_.find(key);
  if (known == index_.end()) return;
  bytes_ -= known->second->copy.bytes;
  ::unlink(known->second->copy.path.c_str());
  entries_.erase(known->second);
  index_.erase(known);
}

}  // namespace mesolite::container

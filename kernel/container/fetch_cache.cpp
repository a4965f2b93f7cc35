#include "kernel/container/fetch_cache.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <system_error>

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;

struct FreeDigest {
  void operator()(EVP_MD_CTX* digest) const { ::EVP_MD_CTX_free(digest); }
};

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

struct Copied {
  std::string digest;
  std::uint64_t bytes = 0;
};

// None: one of the files cannot be read or written.
std::optional<Copied> copy_content(const Descriptor& from, const Descriptor& to) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> digest(::EVP_MD_CTX_new());
  if (!digest || ::EVP_DigestInit_ex(digest.get(), ::EVP_sha256(), nullptr) != 1) return {};
  std::array<char, 1u << 16> piece;
  off_t offset = 0;
  ssize_t count = 0;
  while ((count = ::pread(from.get(), piece.data(), piece.size(), offset)) > 0) {
    const auto size = static_cast<std::size_t>(count);
    if (::pwrite(to.get(), piece.data(), size, offset) != count) return {};
    ::EVP_DigestUpdate(digest.get(), piece.data(), size);
    offset += count;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> result{};
  unsigned int size = 0;
  if (count < 0 || ::EVP_DigestFinal_ex(digest.get(), result.data(), &size) != 1) return {};
  return Copied{hexadecimal(result.data(), size), static_cast<std::uint64_t>(offset)};
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
  if (static_cast<std::uint64_t>(facts.st_size) > bytes_max_) return;
  const fs::path fresh = directory_ / "new";
  ::unlink(fresh.c_str());
  const Descriptor target(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  const auto copied = target ? copy_content(file, target) : std::nullopt;
  const fs::path path = directory_ / (copied ? copied->digest : "new");
  if (copied && !keys_of_.contains(path)) {
    if (!make_room(copied->bytes) || ::rename(fresh.c_str(), path.c_str()) != 0) return;
    bytes_ += copied->bytes;
  }
  ::unlink(fresh.c_str());
  if (!copied) return;
  ++keys_of_[path];
  entries_.push_back({key, {path, copied->bytes, fetched.etag, fetched.modified_at}});
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
  const Copy& copy = known->second->copy;
  const auto keys = keys_of_.find(copy.path);
  if (--keys->second == 0) {
    bytes_ -= copy.bytes;
    ::unlink(copy.path.c_str());
    keys_of_.erase(keys);
  }
  entries_.erase(known->second);
  index_.erase(known);
}

}  // namespace mesolite::container

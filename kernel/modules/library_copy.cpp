#include "kernel/modules/library_copy.hpp"

#include <stdlib.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <system_error>
#include <utility>

#include "sdk/src/module/library.hpp"

namespace mesolite::modules {
namespace {

namespace fs = std::filesystem;

// FNV-1a. It tells versions of one file apart; nobody gains by making two alike.
class Hash {
 public:
  void add(const char* bytes, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      value_ = (value_ ^ static_cast<unsigned char>(bytes[i])) * 0x100000001b3ull;
    }
  }
  std::string text() const {
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(value_));
    return digits.data();
  }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ull;
};

// The hash of what was copied; a copy cannot change any more.
Result<std::string> copy_content(const fs::path& from, const fs::path& to) {
  std::ifstream source(from, std::ios::binary);
  std::ofstream target(to, std::ios::binary);
  Hash hash;
  std::array<char, 64 * 1024> piece{};
  while (source && target) {
    source.read(piece.data(), piece.size());
    hash.add(piece.data(), static_cast<std::size_t>(source.gcount()));
    target.write(piece.data(), source.gcount());
  }
  target.close();
  if (!source.eof()) return failure(module_title(from) + " cannot be read");
  if (!target) return failure("cannot write the copy '" + to.string() + "'");
  return hash.text();
}

}  // namespace

Result<LibraryCopy> LibraryCopy::make(const fs::path& file) {
  std::error_code error;
  const fs::path below = fs::temp_directory_path(error);
  std::string directory = (below / "mesolite-module-XXXXXX").string();
  if (error || ::mkdtemp(directory.data()) == nullptr) {
    return system_failure("cannot make a directory for the copy of a module", errno);
  }
  LibraryCopy result(fs::path(directory) / file.filename());
  const auto hash = copy_content(file, result.path_);
  if (!hash) return tl::unexpected(hash.error());
  const fs::path named =
      fs::path(directory) / (file.stem().string() + "-" + *hash + file.extension().string());
  fs::rename(result.path_, named, error);
  if (error) return failure("cannot rename '" + result.path_.string() + "': " + error.message());
  result.path_ = named;
  return result;
}

LibraryCopy::LibraryCopy(LibraryCopy&& other) noexcept : path_(std::move(other.path_)) {
  other.path_.clear();
}

LibraryCopy::~LibraryCopy() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_.parent_path(), ignored);
}

}  // namespace mesolite::modules

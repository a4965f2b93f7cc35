// LibraryCopy: a module library under a name that no other version of it has.
//
// The dynamic linker knows libraries by their paths: a path that is open already gives the old
// code. So a library that replaces another, perhaps of the same path, is opened as a copy named by
// the hash of its content. A copy that is open can be removed.
#pragma once

#include <filesystem>

#include "mesolite/base/result.hpp"

namespace mesolite::modules {

class LibraryCopy {
 public:
  // In a new directory below the one for temporary files, which only we can enter.
  static Result<LibraryCopy> make(const std::filesystem::path& file);
  ~LibraryCopy();  // removes it
  LibraryCopy(LibraryCopy&& other) noexcept;
  LibraryCopy& operator=(LibraryCopy&&) = delete;

  // "…/hierarchical-9c01f7a2b3d4e5f6.so"
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit LibraryCopy(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace mesolite::modules

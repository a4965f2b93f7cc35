// A directory of its own for each test, removed with all that is in it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace mesolite::container {

class WorkDir {
 public:
  WorkDir() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "mesolite-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~WorkDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkDir(const WorkDir&) = delete;
  WorkDir& operator=(const WorkDir&) = delete;

  const std::string& path() const { return path_; }
  // Where the sandbox of a container lies.
  std::string sandbox(const std::string& container) const {
    return path_ + "/agents/A/frameworks/F/executors/" + container + "/runs/" + container;
  }

 private:
  std::string path_;
};

}  // namespace mesolite::container

// A directory that disappears with its owner.
#pragma once

#include <filesystem>
#include <string>

namespace mesolite::harness {

class Scratch {
 public:
  // Below TMPDIR; the name is short since paths of Unix sockets are.
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// The whole of a file; "" if it is not there.
std::string read_file(const std::filesystem::path& path);

}  // namespace mesolite::harness

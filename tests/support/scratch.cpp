#include "tests/support/scratch.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

#include "mesolite/base/check.hpp"

namespace mesolite::harness {

Scratch::Scratch() {
  std::string pattern = (std::filesystem::temp_directory_path() / "mt-XXXXXX").string();
  MESOLITE_CHECK(::mkdtemp(pattern.data()) != nullptr, "a temporary directory can be made");
  path_ = pattern;
}

Scratch::~Scratch() {
  std::error_code ignored;  // a test that fails may have left something that runs
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

}  // namespace mesolite::harness

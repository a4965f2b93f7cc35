// A scratch directory for one test, and short ways to write and read whole files.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "mesolite/data/file.hpp"

namespace mesolite::data {

class ScratchTest : public testing::Test {
 protected:
  std::string file(std::string_view name) const { return directory_.file(name); }

  std::string write(std::string_view name, std::string_view content) const {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
  }

  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  ScratchDirectory directory_ = ScratchDirectory::create(testing::TempDir(), "data-").value();
};

}  // namespace mesolite::data

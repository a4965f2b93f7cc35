// The rules, applied to the whole tree.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "rules.hpp"

namespace mesolite::tidy {
namespace {

std::string exceptions() {
  std::ifstream stream(MESOLITE_SOURCE_DIR "/tests/tidy/exceptions.txt");
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST(Tidy, the_tree_keeps_the_rules_of_the_house) {
  Findings findings = check_readmes(MESOLITE_SOURCE_DIR);
  const std::vector<SourceFile> files = load_tree(MESOLITE_SOURCE_DIR);
  ASSERT_GT(files.size(), 20U);
  for (const SourceFile& file : files) {
    for (const auto& rule : {check_includes, check_sizes, check_bans, check_headers}) {
      const Findings found = rule(file);
      findings.insert(findings.end(), found.begin(), found.end());
    }
  }
  const Findings rest = without_exceptions(findings, exceptions());
  EXPECT_TRUE(rest.empty()) << rest.size() << " findings; an exception needs a line with a reason "
                            << "in tests/tidy/exceptions.txt\n"
                            << to_text(rest);
}

}  // namespace
}  // namespace mesolite::tidy

#include <gtest/gtest.h>

#include "rules.hpp"

namespace mesolite::tidy {
namespace {

std::string rule_broken(const char* path, const char* text) {
  const Findings findings = check_headers(source_file(path, text));
  return findings.empty() ? "" : findings[0].rule;
}

TEST(HeaderRules, a_header_begins_with_pragma_once) {
  EXPECT_EQ(rule_broken("a/x.hpp", "// What it is.\n#pragma once\n"), "");
  EXPECT_EQ(rule_broken("a/x.hpp", "int x;\n"), "pragma-once");
  EXPECT_EQ(rule_broken("a/x.cpp", "int x;\n"), "");
}

TEST(HeaderRules, a_header_opens_no_namespace) {
  EXPECT_EQ(rule_broken("a/x.hpp", "#pragma once\nusing namespace std;\n"), "using-namespace");
  EXPECT_EQ(rule_broken("a/x.hpp", "#pragma once\n// using namespace std;\n"), "");
}

TEST(HeaderRules, a_source_includes_its_own_header_first) {
  EXPECT_EQ(rule_broken("a/x.cpp", "#include <vector>\n#include \"a/x.hpp\"\n"),
            "own-header-first");
  EXPECT_EQ(rule_broken("a/x.cpp", "#include \"a/x.hpp\"\n#include <vector>\n"), "");
  EXPECT_EQ(rule_broken("a/x.cpp", "#include <vector>\n#include \"b/x.hpp\"\n"), "");
}

TEST(Exceptions, cover_what_they_name_and_nothing_else) {
  const Findings findings = {{"nesting", "a.cpp", 3, "f", "deep"},
                             {"nesting", "a.cpp", 9, "g", "deep"},
                             {"include", "a.cpp", 1, "x/y.hpp", "no"}};
  EXPECT_EQ(to_text(without_exceptions(findings, "nesting a.cpp#f: a grammar is deep\n")),
            "a.cpp:9: nesting: deep\na.cpp:1: include: no\n");
  EXPECT_EQ(to_text(without_exceptions(findings,
                                       "nesting a.cpp: a grammar is deep\n"
                                       "include a.cpp#x/y.hpp: known\n")),
            "");
}

TEST(Exceptions, a_line_without_reason_or_use_is_a_finding) {
  EXPECT_EQ(to_text(without_exceptions({}, "# comment\n\nnesting a.cpp: a grammar is deep\n")),
            "tests/tidy/exceptions.txt:3: exception: covers nothing any more: take the line out\n");
  EXPECT_EQ(to_text(without_exceptions({}, "nesting a.cpp\n")),
            "tests/tidy/exceptions.txt:1: exception: not of the form `rule path[#subject]: "
            "reason`\n");
}

}  // namespace
}  // namespace mesolite::tidy

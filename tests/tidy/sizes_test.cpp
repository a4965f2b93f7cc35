#include <gtest/gtest.h>

#include "functions.hpp"
#include "rules.hpp"

namespace mesolite::tidy {
namespace {

std::vector<Function> functions_in(const std::string& text) {
  return functions_of(source_file("kernel/master/x.cpp", text));
}

std::string repeated(const std::string& line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line;
  return text;
}

std::vector<std::string> rules_broken(const std::string& path, const std::string& text) {
  std::vector<std::string> rules;
  for (const Finding& finding : check_sizes(source_file(path, text))) rules.push_back(finding.rule);
  return rules;
}

using Rules = std::vector<std::string>;

TEST(Sizes, functions_are_found_with_their_names_and_parameters) {
  const auto functions = functions_in(R"(
namespace a {
struct Point { int x = 0; int y{1}; };
enum class Kind { one, two };
constexpr std::array<int, 2> numbers = {1, 2};
template <class T, class U>
int sum(std::map<T, U> map, std::function<void(int, int)> callback = {}) { return 1; }
class Thing : public Base {
 public:
  explicit Thing(int size) : size_{size}, name_("x"), kind_{Kind::one} { start(); }
  ~Thing() override { stop(); }
  bool operator==(const Thing&) const { return true; }
  void operator()(int a, int b, int c) const { call(a, b, c); }
};
TEST(Suite, name) { EXPECT_EQ(Point{}, Point{}); }
}
)");
  const std::vector<std::pair<std::string, int>> expected = {
      {"sum", 2}, {"Thing", 1}, {"~Thing", 0}, {"operator==", 1}, {"operator()", 3}, {"TEST", 2}};
  ASSERT_EQ(functions.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(functions[i].name, expected[i].first);
    EXPECT_EQ(functions[i].parameters, expected[i].second) << functions[i].name;
  }
}

TEST(Sizes, control_statements_nest_and_lists_and_lambdas_do_not) {
  const auto functions = functions_in(R"(
void run() {
  for (int i = 0; i < 3; ++i) {
    const std::vector<int> list = {1, 2};
    each(list, [&](int x) {
      switch (x) {
        case 1: {
          if (std::any_of(list, [](int y) { return y == '{'; })) {
            stop();
          }
        }
      }
    });
  }
}
)");
  ASSERT_EQ(functions.size(), 1U);
  EXPECT_EQ(functions[0].nesting, 3);
  EXPECT_EQ(functions[0].nesting_line, 8);
  EXPECT_EQ(functions[0].lines, 14);
}

TEST(Sizes, braces_in_strings_and_comments_do_not_count) {
  const auto functions = functions_in(
      "void f() { /* { */ g(\"{\", '{', R\"x({)x\", 1'000); }\n"
      "void g() { }\n");
  EXPECT_EQ(functions.size(), 2U);
}

TEST(Sizes, what_is_too_long_too_deep_or_too_wide_is_named) {
  const std::string deep = "void f() {\n if (a) {\n if (b) {\n if (c) {\n if (d) {\n}}}}}\n";
  EXPECT_EQ(rules_broken("a/x.cpp", deep), Rules{"nesting"});
  EXPECT_EQ(rules_broken("a/x.cpp", "void f() {\n" + repeated("  g();\n", 59) + "}\n"),
            Rules{"function-size"});
  EXPECT_EQ(rules_broken("a/x.cpp", "void f() {\n" + repeated("  g();\n", 58) + "}\n"), Rules{});
  EXPECT_EQ(rules_broken("a/x.cpp", "void f(int a, int b, int c, int d, int e, int f) {}\n"),
            Rules{"parameters"});
  EXPECT_EQ(rules_broken("a/x.cpp", "MESOLITE_ENUM(a, b, c, d, e, f) {}\n"), Rules{});
  EXPECT_EQ(rules_broken("a/x.cpp", repeated("\n", 601)), Rules{"file-size"});
  EXPECT_EQ(rules_broken("a/x.hpp", repeated("\n", 251)), Rules{"file-size"});
  EXPECT_EQ(rules_broken("a/x.hpp", repeated("\n", 250)), Rules{});
  EXPECT_EQ(rules_broken("a/x.cpp", "//" + std::string(99, 'x') + "\n"), Rules{"line-length"});
  EXPECT_EQ(rules_broken("a/x.cpp", "//" + repeated("\xC3\xA4", 98) + "\n"), Rules{});
}

}  // namespace
}  // namespace mesolite::tidy

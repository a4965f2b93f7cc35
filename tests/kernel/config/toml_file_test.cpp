// Defends the border to the TOML library: hostile files are refused, never a crash.
#include "kernel/config/toml_file.hpp"

#include <gtest/gtest.h>

namespace mesolite::config {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(Toml, keeps_values_and_lines) {
  const auto root = parse_toml("a = 1\nb = [true,\n 'x']\n[c]\nd.e = 1.5\n", "f");
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(root->find("a")->value, ConfigValue{std::int64_t{1}}.value);
  EXPECT_EQ(root->find("b")->line, 2U);
  EXPECT_EQ(root->find("b")->get_if<ConfigValue::List>()->size(), 2U);
  EXPECT_EQ(root->find("c")->find("d")->find("e")->value, ConfigValue{1.5}.value);
  EXPECT_EQ(root->find("c")->find("d")->find("e")->line, 5U);
  EXPECT_EQ(root->find("none"), nullptr);
}

TEST(Toml, empty_file_is_an_empty_table) {
  const auto root = parse_toml("", "f");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->kind(), "a table");
}

TEST(Toml, syntax_errors_name_file_and_line) {
  for (const char* text : {"\na = ", "\na", "\n[a", "\na = \"x"}) {
    const auto root = parse_toml(text, "file");
    ASSERT_FALSE(root) << text;
    EXPECT_TRUE(root.error().message.starts_with("file:2: ")) << root.error().message;
  }
}

TEST(Toml, bytes_that_are_no_text_are_refused) {
  EXPECT_EQ(parse_toml("\xff\xfe", "file").error().message,
            "file:1: Encountered invalid utf-8 sequence");
}

TEST(Toml, dates_are_refused_by_line) {
  EXPECT_EQ(parse_toml("a = 1\nb = 2026-11-23", "f").error().message,
            "f:2: dates and times are not used here, quote it");
}

TEST(Toml, depth_and_size_are_bounded) {
  EXPECT_FALSE(parse_toml("a = " + repeated("[", 100'000), "f"));
  EXPECT_FALSE(parse_toml("a = " + repeated("{a=", 100'000), "f"));
  EXPECT_EQ(parse_toml(repeated("a.", 200'000) + "a = 1", "f").error().message,
            "f: more than 4096 dots outside of quotes");
  EXPECT_EQ(parse_toml(repeated("a.", file_dots_max) + "a = 1", "f").error().message,
            "f:1: nested deeper than 32 levels");
  EXPECT_TRUE(parse_toml(repeated("a.", file_depth_max - 1) + "a = 1", "f"));
  EXPECT_TRUE(parse_toml("a = '" + repeated(".", 10'000) + "'", "f"));
  EXPECT_EQ(parse_toml(repeated("#", file_size_max + 1), "f").error().message,
            "f: larger than 1048576 bytes");
}

TEST(Toml, quotes_cannot_hide_depth) {
  EXPECT_FALSE(parse_toml(repeated("'a'.", 200'000) + "a = 1", "f"));
  EXPECT_FALSE(parse_toml("a = \"\\\"\"\n" + repeated("a.", 200'000) + "a = 1", "f"));
}

}  // namespace
}  // namespace mesolite::config

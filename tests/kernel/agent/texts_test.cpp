#include <gtest/gtest.h>

#include "kernel/agent/exit_text.hpp"
#include "kernel/agent/token.hpp"

namespace mesolite::agent {
namespace {

TEST(ExitText, tells_a_status_from_a_signal) {
  EXPECT_EQ(exit_text(0), "exited with status 0");
  EXPECT_EQ(exit_text(3 << 8), "exited with status 3");
  EXPECT_EQ(exit_text(9), "killed by signal 9 (SIGKILL)");
  EXPECT_EQ(exit_text(11 | 0x80), "killed by signal 11 (SIGSEGV), core dumped");
  EXPECT_EQ(exit_text(40), "killed by signal 40");
}

// The test vectors of the paper: key 00 01 … 0f, text 00 01 … of the length.
TEST(Token, hashes_as_the_paper_says) {
  const TokenKey key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::string text;
  EXPECT_EQ(siphash(key, text), 0x726fdb47dd0e0e31u);
  for (char c = 0; c < 8; ++c) text += c;
  EXPECT_EQ(siphash(key, text), 0x93f5f5799a932462u);
  for (char c = 8; c < 15; ++c) text += c;
  EXPECT_EQ(siphash(key, text), 0xa129ca6149be45e5u);
}

TEST(Token, differs_by_purpose_and_key) {
  EXPECT_EQ(make_token({1, 2}, "a"), make_token({1, 2}, "a"));
  EXPECT_NE(make_token({1, 2}, "a"), make_token({1, 2}, "b"));
  EXPECT_NE(make_token({1, 2}, "a"), make_token({1, 3}, "a"));
  EXPECT_EQ(make_token({1, 2}, "a").size(), 32u);
}

TEST(Token, compares_whole_texts) {
  EXPECT_TRUE(equal_tokens("abc", "abc"));
  EXPECT_FALSE(equal_tokens("abc", "abd"));
  EXPECT_FALSE(equal_tokens("abc", "ab"));
}

}  // namespace
}  // namespace mesolite::agent

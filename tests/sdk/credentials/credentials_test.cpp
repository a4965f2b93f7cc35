// Who is in the file comes in, nobody else does, and the file gives no secret away.
#include "mesolite/credentials/credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/base/guarded_file.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

Credentials with_ann() {
  Credentials credentials;
  EXPECT_TRUE(credentials.set_secret("ann", salt_secret("stone").value()));
  return credentials;
}

TEST(Credentials, know_the_secret_that_they_were_given_and_no_other) {
  const Credentials credentials = with_ann();
  EXPECT_TRUE(credentials.knows_secret("ann", "stone"));
  EXPECT_FALSE(credentials.knows_secret("ann", "sand"));
  EXPECT_FALSE(credentials.knows_secret("ann", ""));
  EXPECT_FALSE(credentials.knows_secret("bob", "stone"));
}

TEST(Credentials, know_whose_a_token_is) {
  Credentials credentials = with_ann();
  const std::string token = make_secret();
  ASSERT_TRUE(credentials.add_token("bob", token));
  EXPECT_EQ(credentials.principal_of(token), "bob");
  EXPECT_EQ(credentials.principal_of("stone"), std::nullopt);
  EXPECT_EQ(credentials.principal_of(""), std::nullopt);
}

TEST(Credentials, hold_no_secret_and_survive_being_written_down) {
  Credentials credentials = with_ann();
  ASSERT_TRUE(credentials.add_token("bob", "a token of bob"));
  const std::string text = credentials.to_text();
  EXPECT_THAT(text, Not(HasSubstr("stone")));
  EXPECT_THAT(text, Not(HasSubstr("a token")));
  const auto again = Credentials::parse(text);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->knows_secret("ann", "stone"));
  EXPECT_EQ(again->principal_of("a token of bob"), "bob");
  EXPECT_EQ(again->to_text(), text);
}

TEST(Credentials, of_equal_secrets_look_different) {
  EXPECT_NE(salt_secret("stone")->stored_key, salt_secret("stone")->stored_key);
}

// RFC 7677, section 3.
TEST(Credentials, are_those_of_the_standard) {
  const auto credentials = Credentials::parse(
      "user SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
      "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_TRUE(credentials->knows_secret("user", "pencil"));
  EXPECT_FALSE(credentials->knows_secret("user", "pencils"));
}

TEST(Credentials, of_who_is_removed_are_gone_with_all_tokens) {
  Credentials credentials = with_ann();
  ASSERT_TRUE(credentials.add_token("ann", "token"));
  EXPECT_TRUE(credentials.remove("ann"));
  EXPECT_TRUE(credentials.empty());
  EXPECT_FALSE(credentials.remove("ann"));
}

TEST(Credentials, bad_lines_are_named_and_nothing_of_them_is_said) {
  for (const char* line : {"ann hush", "ann", "ann SCRAM-SHA-256$hush", "ann TOKEN-SHA-256$hush",
                           "ann SCRAM-SHA-256$1:W22ZaJ0SNY7soEsUEjb6gQ==$hush:hush",
                           "ann SCRAM-SHA-256$999999999:W22ZaJ0SNY7soEsUEjb6gQ==$hush:hush"}) {
    const auto parsed = Credentials::parse("# fine\n" + std::string(line) + "\n");
    ASSERT_FALSE(parsed) << line;
    EXPECT_THAT(parsed.error().message, HasSubstr("line 2"));
    EXPECT_THAT(parsed.error().message, Not(HasSubstr("hush")));
  }
  const std::string twice = with_ann().to_text() + with_ann().to_text();
  EXPECT_THAT(Credentials::parse(twice).error().message, HasSubstr("has a secret already"));
}

TEST(Credentials, names_that_no_line_can_hold_are_refused) {
  Credentials credentials;
  for (const char* name : {"", "two words", "#comment", "line\nbreak"}) {
    EXPECT_FALSE(credentials.add_token(name, "token")) << name;
    EXPECT_FALSE(credentials.set_secret(name, {})) << name;
  }
}

TEST(CredentialsFile, that_others_can_read_is_refused) {
  const harness::Scratch scratch;
  const fs::path file = scratch / "credentials";
  ASSERT_TRUE(write_secret_file(file, with_ann().to_text()));
  EXPECT_TRUE(CredentialsFile::open(file));
  fs::permissions(file, fs::perms(0644));
  EXPECT_THAT(CredentialsFile::open(file).error().message, HasSubstr("chmod 600"));
}

TEST(CredentialsFile, is_read_anew_when_it_was_replaced) {
  const harness::Scratch scratch;
  const fs::path path = scratch / "credentials";
  ASSERT_TRUE(write_secret_file(path, with_ann().to_text()));
  const auto file = CredentialsFile::open(path).value();
  EXPECT_TRUE(file->knows_secret("ann", "stone"));
  EXPECT_TRUE(file->knows_secret("ann", "stone"));
  EXPECT_FALSE(file->knows_secret("ann", "sand"));
  ASSERT_TRUE(write_secret_file(path, "# nobody\n"));
  EXPECT_FALSE(file->knows_secret("ann", "stone"));
}

TEST(CredentialsFile, that_becomes_unusable_leaves_what_was_known_and_says_so) {
  const harness::Scratch scratch;
  const fs::path path = scratch / "credentials";
  ASSERT_TRUE(write_secret_file(path, with_ann().to_text()));
  const auto file = CredentialsFile::open(path).value();
  ASSERT_TRUE(write_secret_file(path, "nonsense\n"));
  std::string problem;
  EXPECT_NE(file->current(&problem)->find("ann"), nullptr);
  EXPECT_THAT(problem, HasSubstr("line 1"));
}

}  // namespace
}  // namespace mesolite

// Files that decide who may do what are believed only if nobody else can have written them.
#include "mesolite/base/guarded_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace mesolite {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class GuardedFile : public ::testing::Test {
 protected:
  GuardedFile() {
    std::string name = (fs::temp_directory_path() / "guarded-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    file_ = folder_ / "file";
    std::ofstream(file_) << "text\n";
    fs::permissions(file_, fs::perms(0600));
  }
  ~GuardedFile() override { fs::remove_all(folder_); }

  fs::path folder_;
  fs::path file_;
};

TEST_F(GuardedFile, is_read_if_it_is_ours_alone) {
  EXPECT_EQ(read_secret_file("key", file_).value(), "text\n");
  EXPECT_EQ(read_guarded_file("list", file_).value(), "text\n");
  EXPECT_TRUE(check_guarded("module", file_));
}

TEST_F(GuardedFile, is_no_secret_if_others_can_read_it) {
  fs::permissions(file_, fs::perms(0644));
  EXPECT_THAT(read_secret_file("key", file_).error().message,
              HasSubstr("key '" + file_.string() + "' is open to other users: chmod 600 it"));
  EXPECT_TRUE(read_guarded_file("list", file_));
}

TEST_F(GuardedFile, is_refused_if_others_can_write_it) {
  fs::permissions(file_, fs::perms(0666));
  EXPECT_THAT(read_guarded_file("list", file_).error().message, HasSubstr("chmod go-w it"));
  EXPECT_THAT(check_guarded("module", file_).error().message, HasSubstr("chmod go-w it"));
}

TEST_F(GuardedFile, is_refused_if_others_can_swap_it) {
  fs::permissions(folder_, fs::perms(0777));
  EXPECT_THAT(check_guarded("module", file_).error().message, HasSubstr(folder_.string()));
}

TEST_F(GuardedFile, of_another_user_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(::chown(file_.c_str(), 12345, 12345), 0);
  EXPECT_THAT(read_guarded_file("list", file_).error().message,
              HasSubstr("belongs to another user"));
}

TEST_F(GuardedFile, that_is_none_is_refused) {
  EXPECT_FALSE(read_guarded_file("list", folder_));
  EXPECT_THAT(read_guarded_file("list", folder_ / "none").error().message,
              HasSubstr("cannot be opened"));
}

TEST_F(GuardedFile, is_written_whole_and_for_us_alone) {
  ASSERT_TRUE(write_secret_file(file_, "secret\n"));
  EXPECT_EQ(read_secret_file("key", file_).value(), "secret\n");
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms(0600));
  EXPECT_FALSE(write_secret_file(folder_ / "none" / "file", "secret"));
}

}  // namespace
}  // namespace mesolite

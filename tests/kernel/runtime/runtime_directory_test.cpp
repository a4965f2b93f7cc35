#include "kernel/runtime/runtime_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <optional>

#include "tests/support/scratch.hpp"

namespace mesolite::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t name_length = 9;
constexpr std::size_t socket_path_max = 107;

mode_t mode_of(const fs::path& path) {
  struct stat information {};
  EXPECT_EQ(::stat(path.c_str(), &information), 0) << path;
  return information.st_mode & 0777;
}

TEST(RuntimeDirectory, one_that_was_asked_for_is_made_and_stays) {
  const harness::Scratch scratch;
  const fs::path wanted = scratch / "run";
  { EXPECT_EQ(RuntimeDirectory::open(wanted, name_length).value().path(), wanted); }
  EXPECT_TRUE(fs::exists(wanted));
  EXPECT_EQ(mode_of(wanted), 0700u);
}

TEST(RuntimeDirectory, a_fresh_one_is_ours_alone_and_goes_with_its_owner) {
  fs::path path;
  {
    const auto directory = RuntimeDirectory::open("", name_length);
    path = directory.value().path();
    EXPECT_EQ(mode_of(path), 0700u);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(RuntimeDirectory, one_whose_sockets_would_have_too_long_a_path_is_replaced) {
  const harness::Scratch scratch;
  const fs::path wanted = scratch / std::string(socket_path_max, 'x');
  const auto directory = RuntimeDirectory::open(wanted, name_length);
  ASSERT_TRUE(directory);
  EXPECT_LE(directory->path().native().size() + 1 + name_length, socket_path_max);
  EXPECT_FALSE(fs::exists(wanted));
}

TEST(RuntimeDirectory, the_longest_that_fits_is_taken) {
  const harness::Scratch scratch;
  const std::size_t room = socket_path_max - name_length - 1 - scratch.path().native().size() - 1;
  const fs::path wanted = scratch / std::string(room, 'x');
  EXPECT_EQ(RuntimeDirectory::open(wanted, name_length).value().path(), wanted);
}

TEST(RuntimeDirectory, what_stands_in_for_a_wanted_one_has_the_same_path_in_the_next_run) {
  const harness::Scratch scratch;
  const fs::path wanted = scratch / std::string(socket_path_max, 'x');
  const fs::path other = scratch / std::string(socket_path_max, 'y');
  fs::path path;
  {
    const auto first = RuntimeDirectory::open(wanted, name_length);
    ASSERT_TRUE(first);
    path = first->path();
    EXPECT_EQ(mode_of(path), 0700u);
    EXPECT_NE(RuntimeDirectory::open(other, name_length).value().path(), path);
    EXPECT_EQ(RuntimeDirectory::open(wanted, name_length).value().path(), path) << "a kill left it";
  }
  EXPECT_FALSE(fs::exists(path));
  // One that others can write to is not taken.
  fs::create_directory(path);
  fs::permissions(path, fs::perms::all);
  const auto refused = RuntimeDirectory::open(wanted, name_length);
  fs::remove(path);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("it is not ours alone"), std::string::npos);
}

TEST(WorkDirectory, serves_one_agent_at_a_time) {
  const harness::Scratch scratch;
  std::optional<Result<WorkDirectoryLock>> first = WorkDirectoryLock::take(scratch.path());
  ASSERT_TRUE(*first);
  const auto second = WorkDirectoryLock::take(scratch.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "another agent works in '" + scratch.path().string() + "'");
  first.reset();
  EXPECT_TRUE(WorkDirectoryLock::take(scratch.path()));
}

TEST(WorkDirectory, is_made_with_its_parents_and_told_as_an_absolute_path) {
  const harness::Scratch scratch;
  const auto made = ensure_work_directory(scratch / "a/b", "--work_dir");
  EXPECT_EQ(made.value(), scratch / "a/b");
  EXPECT_TRUE(fs::is_directory(*made));
  EXPECT_TRUE(ensure_work_directory(".", "--work_dir").value().is_absolute());
}

TEST(WorkDirectory, that_cannot_be_made_is_named_with_its_flag) {
  const auto refused = ensure_work_directory("/proc/none", "--work_dir");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("'/proc/none' (--work_dir)"), std::string::npos)
      << refused.error().message;
}

}  // namespace
}  // namespace mesolite::runtime

#include "kernel/container/sandbox.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "kernel/container/garbage.hpp"
#include "mesolite/base/time.hpp"
#include "tests/kernel/container/work_dir.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

void write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

TEST(Sandbox, is_created_with_its_parents_and_output_files) {
  const WorkDir work;
  const auto sandbox = create_sandbox(work.path(), work.sandbox("C"), std::nullopt);
  ASSERT_TRUE(sandbox) << sandbox.error().message;
  EXPECT_TRUE(fs::is_regular_file(work.sandbox("C") + "/stdout"));
  EXPECT_TRUE(fs::is_regular_file(work.sandbox("C") + "/stderr"));
  EXPECT_EQ(fs::status(work.sandbox("C")).permissions(), fs::perms::owner_all);
}

TEST(Sandbox, refuses_what_does_not_lie_below_the_working_directory) {
  const WorkDir work;
  const std::string beside = fs::path(work.path()).parent_path() / "C";
  for (const auto& path : {work.path(), work.path() + "x/C", std::string("/etc/C"),
                           work.path() + "/../C", work.path() + "/a/../../C"}) {
    const auto sandbox = create_sandbox(work.path(), path, std::nullopt);
    ASSERT_FALSE(sandbox) << path;
    EXPECT_THAT(sandbox.error().message, HasSubstr("does not lie below"));
    EXPECT_FALSE(fs::exists(beside)) << path;
  }
}

TEST(Sandbox, says_which_working_directory_is_missing) {
  const auto sandbox = create_sandbox("/nonexistent", "/nonexistent/C", std::nullopt);
  ASSERT_FALSE(sandbox);
  EXPECT_EQ(sandbox.error().message,
            "cannot create sandbox '/nonexistent/C': '/nonexistent': No such file or directory");
}

TEST(Sandbox, is_not_created_through_a_symbolic_link) {
  const WorkDir work;
  const WorkDir elsewhere;
  fs::create_directory_symlink(elsewhere.path(), work.path() + "/agents");
  EXPECT_FALSE(create_sandbox(work.path(), work.sandbox("C"), std::nullopt));
}

TEST(SandboxRead, gives_pieces_and_says_where_the_file_ends) {
  const WorkDir work;
  write(work.path() + "/stdout", "hello world");
  auto piece = read_sandbox_file(work.path(), "stdout", 0, 5);
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->data, "hello");
  EXPECT_FALSE(piece->at_end);
  piece = read_sandbox_file(work.path(), "stdout", 5, 100);
  EXPECT_EQ(piece->data, " world");
  EXPECT_TRUE(piece->at_end);
  piece = read_sandbox_file(work.path(), "stdout", 1000, 100);
  EXPECT_EQ(piece->data, "");
  EXPECT_TRUE(piece->at_end);
}

TEST(SandboxRead, refuses_names_that_lead_elsewhere) {
  const WorkDir work;
  for (const std::string name : {"", ".", "..", "../x", "/etc/passwd", "a/b"}) {
    EXPECT_FALSE(read_sandbox_file(work.path(), name, 0, 10)) << name;
  }
}

TEST(SandboxRead, follows_no_link_and_waits_for_no_fifo) {
  const WorkDir work;
  fs::create_symlink("/etc/passwd", work.path() + "/link");
  ASSERT_EQ(::mkfifo((work.path() + "/fifo").c_str(), 0600), 0);
  EXPECT_FALSE(read_sandbox_file(work.path(), "link", 0, 10));
  const auto fifo = read_sandbox_file(work.path(), "fifo", 0, 10);
  ASSERT_FALSE(fifo);
  EXPECT_THAT(fifo.error().message, HasSubstr("not a regular file"));
}

TEST(SandboxRemoval, takes_empty_parents_along_and_leaves_neighbours) {
  const WorkDir work;
  ASSERT_TRUE(create_sandbox(work.path(), work.sandbox("C"), std::nullopt));
  ASSERT_TRUE(create_sandbox(work.path(), work.sandbox("D"), std::nullopt));
  ASSERT_TRUE(remove_sandbox(work.path(), work.sandbox("C")));
  EXPECT_FALSE(fs::exists(work.path() + "/agents/A/frameworks/F/executors/C"));
  EXPECT_TRUE(fs::exists(work.sandbox("D")));
  ASSERT_TRUE(remove_sandbox(work.path(), work.sandbox("D")));
  EXPECT_TRUE(fs::is_empty(work.path()));
  EXPECT_TRUE(remove_sandbox(work.path(), work.sandbox("D"))) << "twice is fine";
}

TEST(SandboxRemoval, removes_links_and_not_what_they_lead_to) {
  const WorkDir work;
  const WorkDir elsewhere;
  write(elsewhere.path() + "/precious", "x");
  ASSERT_TRUE(create_sandbox(work.path(), work.sandbox("C"), std::nullopt));
  fs::create_directory_symlink(elsewhere.path(), work.sandbox("C") + "/link");
  ASSERT_TRUE(remove_sandbox(work.path(), work.sandbox("C")));
  EXPECT_TRUE(fs::exists(elsewhere.path() + "/precious"));
}

TEST(SandboxRemoval, copes_with_directories_nested_deeper_than_a_path_is_long) {
  const WorkDir work;
  ASSERT_TRUE(create_sandbox(work.path(), work.sandbox("C"), std::nullopt));
  int directory = ::open(work.sandbox("C").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  const std::string name(200, 'd');
  for (int depth = 0; depth < 100; ++depth) {
    ASSERT_EQ(::mkdirat(directory, name.c_str(), 0755), 0);
    const int next = ::openat(directory, name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    ::close(directory);
    directory = next;
  }
  ::close(directory);
  const auto removed = remove_sandbox(work.path(), work.sandbox("C"));
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_TRUE(fs::is_empty(work.path()));
}

TEST(SandboxRemoval, copes_with_permissions_taken_away) {
  const WorkDir work;
  ASSERT_TRUE(create_sandbox(work.path(), work.sandbox("C"), std::nullopt));
  fs::create_directories(work.sandbox("C") + "/closed/inner");
  fs::permissions(work.sandbox("C") + "/closed", fs::perms::none);
  EXPECT_TRUE(remove_sandbox(work.path(), work.sandbox("C")));
  EXPECT_FALSE(fs::exists(work.sandbox("C")));
}

TEST(Garbage, collects_what_is_old_and_not_live) {
  const WorkDir work;
  for (const char* id : {"old", "live", "young"}) {
    ASSERT_TRUE(create_sandbox(work.path(), work.sandbox(id), std::nullopt));
    fs::last_write_time(work.sandbox(id), fs::file_time_type::clock::now() - 2h);
  }
  date_sandbox(work.sandbox("young"));
  const auto collected = collect_garbage(
      work.path(), 1h, [&](const std::string& path) { return path == work.sandbox("live"); });
  EXPECT_EQ(collected.removed, 1u);
  EXPECT_TRUE(collected.failures.empty());
  EXPECT_FALSE(fs::exists(work.sandbox("old")));
  EXPECT_TRUE(fs::exists(work.sandbox("live")));
  EXPECT_TRUE(fs::exists(work.sandbox("young")));
}

}  // namespace
}  // namespace mesolite::container

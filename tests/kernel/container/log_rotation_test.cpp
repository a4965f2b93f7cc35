#include "kernel/container/log_rotation.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kernel/container/sandbox.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::uint64_t limit = 64u << 10;

class LogRotation : public testing::Test {
 protected:
  LogRotation()
      : output_(::open((sandbox_ / "stdout").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644)) {}

  // As a task does: the bytes tell their place.
  void write(std::size_t count) {
    std::string text;
    while (text.size() < count) text += std::to_string(written_ + text.size()) + "\n";
    text.resize(count);
    ASSERT_EQ(::write(output_.get(), text.data(), text.size()), static_cast<ssize_t>(count));
    written_ += count;
    all_ += text;
  }
  bool rotate(std::uint32_t kept = 1) {
    const auto rotated = rotate_log(sandbox_.path(), "stdout", {limit, kept});
    EXPECT_TRUE(rotated) << rotated.error().message;
    return rotated && *rotated;
  }
  std::string content(const std::string& name) const { return harness::read_file(sandbox_ / name); }

  harness::Scratch sandbox_;
  Descriptor output_;
  std::size_t written_ = 0;
  std::string all_;
};

TEST_F(LogRotation, leaves_alone_what_is_within_its_limit) {
  write(limit);
  EXPECT_FALSE(rotate());
  EXPECT_EQ(content("stdout"), all_);
}

TEST_F(LogRotation, moves_the_beginning_away_and_loses_nothing) {
  write(limit + 5000);
  EXPECT_TRUE(rotate());
  EXPECT_LT(content("stdout").size(), limit);
  EXPECT_LE(content("stdout.1").size(), limit);
  write(100);
  EXPECT_TRUE(all_.ends_with(content("stdout.1") + content("stdout")));
}

TEST_F(LogRotation, bounds_all_that_there_is_however_much_is_written) {
  for (int i = 0; i < 20; ++i) {
    write(limit);
    rotate(2);
    write(3 * limit);
    rotate(2);
    EXPECT_LE(content("stdout").size() + content("stdout.1").size() + content("stdout.2").size(),
              4 * limit);
  }
  EXPECT_FALSE(fs::exists(sandbox_ / "stdout.3"));
}

TEST_F(LogRotation, readers_who_count_from_the_beginning_go_on_where_they_were) {
  write(limit + 10'000);
  EXPECT_TRUE(rotate());
  write(limit);
  EXPECT_TRUE(rotate());
  write(1000);
  std::uint64_t offset = written_ - limit;
  std::string read;
  while (offset < written_) {
    const auto piece = read_sandbox_file(sandbox_.path(), "stdout", offset, 5000);
    ASSERT_TRUE(piece) << piece.error().message;
    ASSERT_FALSE(piece->data.empty());
    read += piece->data;
    offset += piece->data.size();
  }
  EXPECT_EQ(read, all_.substr(written_ - limit));
  const auto gone = read_sandbox_file(sandbox_.path(), "stdout", 0, 10);
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.error().message, HasSubstr("bytes were rotated away"));
}

TEST_F(LogRotation, touches_nothing_that_a_task_has_put_in_the_place_of_its_output) {
  const std::string precious(2 * limit, 'x');
  std::ofstream(sandbox_ / "precious") << precious;
  fs::remove(sandbox_ / "stdout");
  fs::create_hard_link(sandbox_ / "precious", sandbox_ / "stdout");
  EXPECT_FALSE(rotate());
  fs::remove(sandbox_ / "stdout");
  fs::create_symlink("precious", sandbox_ / "stdout");
  EXPECT_FALSE(rotate()) << "a link is small";
  EXPECT_EQ(content("precious"), precious);
  write(0);
  // Nor does it follow what lies where a piece is to be.
  fs::remove(sandbox_ / "stdout");
  output_ = Descriptor(::open((sandbox_ / "stdout").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644));
  write(limit + 5000);
  fs::create_symlink("precious", sandbox_ / "stdout.1");
  EXPECT_TRUE(rotate());
  EXPECT_EQ(content("precious"), precious);
}

TEST_F(LogRotation, of_a_file_that_is_not_there_is_nothing) {
  fs::remove(sandbox_ / "stdout");
  EXPECT_FALSE(rotate());
}

}  // namespace
}  // namespace mesolite::container

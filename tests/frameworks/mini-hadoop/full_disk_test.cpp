// Defends: a job that fills a disk says so with the path, and leaves nothing on it.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "tests/frameworks/mini-hadoop/whole_job.hpp"

namespace mesolite::hadoop {
namespace {

// A file system of half a megabyte in memory, which this process alone sees.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    fs::create_directory(path_);
    mounted_ = unshare(CLONE_NEWNS) == 0 &&
               mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=512k") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return mounted_; }
  const std::string& path() const { return path_; }
  // Files, not directories: an agent's sandbox goes with the agent.
  bool has_files() const {
    return std::any_of(fs::recursive_directory_iterator(path_), fs::recursive_directory_iterator(),
                       [](const auto& entry) { return entry.is_regular_file(); });
  }

 private:
  const std::string path_;
  bool mounted_ = false;
};

class FullDisk : public WholeJob {
 protected:
  void SetUp() override {
    if (!disk_.is_mounted()) GTEST_SKIP() << "needs root";
    // Of letters that lz4 cannot make much smaller.
    Random random(1);
    std::string lines;
    for (int i = 0; i < 2'000'000; ++i) {
      lines += i % 60 == 59 ? '\n' : static_cast<char>('!' + random.below(90));
    }
    add_input("a", lines);
  }

  JobOutcome run_sort(const std::string& output, const std::string& sandboxes) {
    JobRequest request = example("sort", {}, 500'000);
    request.output = output;
    request.memory = 300'000;
    return run_in(sandboxes, request);
  }

  void expect_told(const JobOutcome& outcome) {
    EXPECT_FALSE(outcome.succeeded);
    EXPECT_NE(outcome.error.find("failed 4 times"), std::string::npos) << outcome.error;
    EXPECT_NE(outcome.error.find("cannot write '" + disk_.path()), std::string::npos)
        << outcome.error;
    EXPECT_NE(outcome.error.find("No space left on device"), std::string::npos) << outcome.error;
    EXPECT_FALSE(disk_.has_files());
  }

  SmallDisk disk_{directory_.file("disk")};
};

TEST_F(FullDisk, of_the_output_fails_the_job_with_its_path_and_is_free_again) {
  const std::string output = disk_.path() + "/out";
  expect_told(run_sort(output, sandboxes_));
  EXPECT_FALSE(fs::exists(output));
}

TEST_F(FullDisk, of_an_executor_fails_the_job_with_its_path_and_is_free_again) {
  expect_told(run_sort(output_, disk_.path()));
  EXPECT_FALSE(fs::exists(output_));
}

}  // namespace
}  // namespace mesolite::hadoop

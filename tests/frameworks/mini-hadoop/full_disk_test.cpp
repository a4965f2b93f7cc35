// Defends: a job that fills a disk says so with the path, and leaves nothing on it.
#include <gtest/gtest.h>

#include <string>

#include "tests/frameworks/mini-hadoop/small_disk.hpp"
#include "tests/frameworks/mini-hadoop/whole_job.hpp"

namespace mesolite::hadoop {
namespace {

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

  SmallDisk disk_{directory_.file("disk"), 512};
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

TEST_F(WholeJob, goes_on_when_the_disk_of_its_journal_is_full_and_says_so_once) {
  add_input("a", random_text(1, 50'000));
  const auto journal = JobJournal::create("/dev/full").value();
  JobScheduler scheduler(word_count(), {.files = files_,
                                        .catalogue = catalogue_,
                                        .now = [] { return Time{}; },
                                        .show = {},
                                        .tell = [this](auto& what) { told_ += what + "\n"; },
                                        .journal = journal.get()});
  cluster_.run(scheduler);
  EXPECT_TRUE(scheduler.outcome().succeeded) << scheduler.outcome().error;
  EXPECT_EQ(output_counts(), words_);
  EXPECT_EQ(told_,
            "cannot write '/dev/full': No space left on device: if this scheduler dies, the job "
            "ends with it\n");
}

}  // namespace
}  // namespace mesolite::hadoop

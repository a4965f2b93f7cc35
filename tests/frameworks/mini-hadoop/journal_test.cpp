// Defends: a job whose scheduler died goes on where its journal ends, and does over nothing that
// was done.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/frameworks/mini-hadoop/whole_job.hpp"

namespace mesolite::hadoop {
namespace {

class Journal : public testing::Test {
 protected:
  static JournalEntry finished(std::uint32_t map) {
    JournalEntry entry;
    entry.kind = JournalKind::finished;
    entry.attempt = {0, TaskKind::map, map, 0};
    entry.agent = AgentId{"A1"};
    entry.report.counters["records"] = map;
    return entry;
  }

  data::ScratchDirectory directory_ =
      data::ScratchDirectory::create(testing::TempDir(), "journal-").value();
  const std::string path_ = directory_.file("journal");
};

TEST_F(Journal, gives_back_what_was_written_and_goes_on_after_it) {
  auto journal = JobJournal::create(path_);
  ASSERT_TRUE(journal);
  for (std::uint32_t map = 0; map < 3; ++map) (*journal)->write(finished(map));
  auto entries = JobJournal::read(path_);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3U);
  journal = JobJournal::take_up(path_, *entries);
  ASSERT_TRUE(journal);
  (*journal)->write(finished(3));
  entries = JobJournal::read(path_);
  ASSERT_EQ(entries->size(), 4U);
  for (std::uint32_t map = 0; map < 4; ++map) EXPECT_EQ((*entries)[map], finished(map));
}

TEST_F(Journal, wherever_it_is_cut_or_changed_keeps_its_whole_entries_and_no_other) {
  auto journal = JobJournal::create(path_);
  for (std::uint32_t map = 0; map < 2; ++map) (*journal)->write(finished(map));
  std::ifstream in(path_, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::ofstream(path_, std::ios::binary) << bytes.substr(0, size);
    EXPECT_EQ(JobJournal::read(path_)->size(), size < bytes.size() / 2 ? 0U : 1U) << size;
  }
  std::string changed = bytes;
  changed[bytes.size() - 3] ^= 1;
  std::ofstream(path_, std::ios::binary) << changed;
  EXPECT_EQ(JobJournal::read(path_)->size(), 1U);
}

class SecondLife : public WholeJob {
 protected:
  // The journal of the job when it is done.
  std::vector<JournalEntry> journal_of(const JobRequest& request) {
    auto journal = JobJournal::create(path_).value();
    JobScheduler scheduler(request, environment(journal.get()));
    FakeCluster cluster({.sandboxes = sandboxes_}, files_, catalogue_);
    cluster.run(scheduler);
    EXPECT_TRUE(scheduler.outcome().succeeded) << scheduler.outcome().error;
    return JobJournal::read(path_).value();
  }

  JobScheduler::Environment environment(JobJournal* journal) {
    return {.files = files_,
            .catalogue = catalogue_,
            .now = [] { return Time{}; },
            .show = {},
            .tell = {},
            .journal = journal};
  }

  const std::string path_ = directory_.file("journal");
};

// The executors of the first life are gone: what ran there is unknown, what maps had made is lost.
// The result must be the same wherever the first life ended.
TEST_F(SecondLife, ends_with_the_same_output_wherever_the_first_one_was_cut_off) {
  add_input("a", random_text(1, 30'000));
  const JobRequest request = example("topn", {{"limit", "50"}}, 20'000);
  const std::vector<JournalEntry> whole = journal_of(request);
  const std::string expected = output();
  EXPECT_GT(whole.size(), 10U);
  std::filesystem::remove_all(output_);
  // Up to the end of the first stage, whose output the second one would need.
  for (std::size_t size = 1; size < whole.size(); size += 2) {
    const auto cut = whole.begin() + static_cast<std::ptrdiff_t>(size);
    const bool second_stage =
        std::any_of(whole.begin(), cut, [](const JournalEntry& entry) { return entry.stage == 1; });
    if (second_stage) break;
    std::filesystem::create_directories(output_ + "/_temporary");
    auto journal = JobJournal::create(path_).value();
    JobScheduler scheduler(request, environment(journal.get()));
    std::vector<JournalEntry> past(whole.begin(), cut);
    // What reduces had written went with the first life's output directory.
    std::erase_if(past, [](const JournalEntry& entry) {
      return entry.kind == JournalKind::finished && entry.attempt.kind == TaskKind::reduce;
    });
    scheduler.resume(std::move(past));
    FakeCluster cluster({.sandboxes = sandboxes_}, files_, catalogue_);
    cluster.run(scheduler);
    EXPECT_TRUE(scheduler.outcome().succeeded) << scheduler.outcome().error;
    EXPECT_EQ(output(), expected) << "cut after entry " << size;
    std::filesystem::remove_all(output_);
  }
}

}  // namespace
}  // namespace mesolite::hadoop

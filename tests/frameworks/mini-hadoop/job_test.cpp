// Defends: a job's output is exact and appears whole or not at all, whatever is lost on the way.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/engine/class_job.hpp"
#include "mesolite/base/random.hpp"
#include "tests/frameworks/mini-hadoop/fake_cluster.hpp"

namespace mesolite::hadoop {
namespace {

namespace fs = std::filesystem;
using Counts = std::map<std::string, std::uint64_t>;

// Text with a few frequent and many rare words, some of them long, and uneven whitespace.
std::string random_text(std::uint64_t seed, std::size_t size) {
  Random random(seed);
  std::string text;
  while (text.size() < size) {
    const std::uint64_t rank = random.below(1 + random.below(3000));
    text += "w" + std::to_string(rank * 7919);
    if (rank % 50 == 49) text += "-and-a-tail-that-makes-it-long";
    text += random.chance(0.1) ? "\r\n" : random.chance(0.1) ? " \t " : " ";
  }
  return text;
}

void count_words(const std::string& text, Counts& counts) {
  std::istringstream in(text);
  for (std::string word; in >> word;) ++counts[word];
}

class WholeJob : public testing::Test {
 protected:
  WholeJob() { fs::create_directory(inputs_); }

  void add_input(const std::string& name, const std::string& text) {
    std::ofstream(inputs_ + "/" + name, std::ios::binary) << text;
    count_words(text, words_);
  }

  JobRequest word_count(std::uint64_t split_size = 20'000) {
    JobRequest request;
    request.stages = {{"wordcount", {}, 3}};
    return finished(std::move(request), split_size);
  }

  JobRequest grep(const std::string& pattern) {
    JobRequest request;
    request.stages = {{"grep-search", {{"pattern", pattern}}, 2}, {"sort-by-count", {}, 1}};
    return finished(std::move(request), 20'000);
  }

  JobRequest finished(JobRequest request, std::uint64_t split_size) {
    request.inputs = files_.list(inputs_).value();
    request.output = output_;
    request.split_size = split_size;
    request.memory = std::size_t{16} << 20;
    request.token = "secret";
    return request;
  }

  const JobOutcome& run(JobRequest request, FakeCluster::AfterUpdate after_update = {}) {
    scheduler_.emplace(
        std::move(request),
        JobScheduler::Environment{.files = files_,
                                  .catalogue = catalogue_,
                                  .now = [] { return Time{}; },
                                  .show = {},
                                  .tell = [this](auto& what) { told_ += what + "\n"; }});
    cluster_.run(*scheduler_, std::move(after_update));
    if (!scheduler_->outcome().succeeded) scheduler_->clean_up();
    EXPECT_TRUE(left_in_sandboxes().empty()) << left_in_sandboxes();
    return scheduler_->outcome();
  }

  std::string left_in_sandboxes() const {
    std::string left;
    if (!fs::exists(sandboxes_)) return left;
    for (const auto& entry : fs::recursive_directory_iterator(sandboxes_)) {
      if (entry.path().parent_path() != sandboxes_) left += entry.path().string() + "\n";
    }
    return left;
  }

  // "key<TAB>number" lines of all parts; fails if a key comes twice or a part is not sorted.
  Counts output_counts() {
    Counts counts;
    for (const auto& entry : fs::directory_iterator(output_)) {
      if (!entry.path().filename().string().starts_with("part-r-")) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::string last;
      for (std::string line; std::getline(in, line);) {
        const auto tab = line.rfind('\t');
        const std::string key = line.substr(0, tab);
        EXPECT_TRUE(counts.emplace(key, std::stoull(line.substr(tab + 1))).second) << key;
        EXPECT_LE(last, key);
        last = key;
      }
    }
    return counts;
  }

  std::set<std::string> output_files() {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(output_)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  LocalFileSystem files_;
  JobCatalogue catalogue_ = builtin_jobs();
  data::ScratchDirectory directory_ =
      data::ScratchDirectory::create(testing::TempDir(), "job-").value();
  const std::string inputs_ = directory_.file("in");
  const std::string output_ = directory_.file("out");
  const std::string sandboxes_ = directory_.file("sandboxes");
  FakeCluster cluster_{{.sandboxes = sandboxes_}, files_, catalogue_};
  std::optional<JobScheduler> scheduler_;
  Counts words_;  // of all inputs
  std::string told_;
};

TEST_F(WholeJob, word_count_counts_every_word_of_many_files) {
  for (int i = 0; i < 5; ++i) add_input("f" + std::to_string(i), random_text(1 + i, 60'000));
  add_input("empty", "");
  add_input("no end", "the last word has no end");
  const JobOutcome& outcome = run(word_count());
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output_counts(), words_);
  EXPECT_EQ(output_files(),
            (std::set<std::string>{"_SUCCESS", "part-r-00000", "part-r-00001", "part-r-00002"}));
  EXPECT_EQ(outcome.counters.at("reduce output records"), words_.size());
  EXPECT_GT(outcome.maps, 10U);
}

TEST_F(WholeJob, splits_of_one_byte_change_nothing) {
  add_input("a", "to be or not to be,\r\n that  is\tthe question");
  EXPECT_TRUE(run(word_count(1)).succeeded);
  EXPECT_EQ(output_counts(), words_);
}

TEST_F(WholeJob, input_without_a_byte_gives_empty_parts) {
  add_input("empty", "");
  EXPECT_TRUE(run(word_count()).succeeded);
  EXPECT_EQ(output_counts(), Counts{});
  EXPECT_EQ(output_files().size(), 4U);
}

TEST_F(WholeJob, little_memory_makes_it_spill_and_stays_exact) {
  add_input("a", random_text(5, 1'500'000));
  JobRequest request = word_count(1'000'000);
  request.memory = 200'000;
  const JobOutcome& outcome = run(request);
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output_counts(), words_);
  EXPECT_GT(outcome.counters.at("spilled records"), outcome.counters.at("reduce input records"));
}

TEST_F(WholeJob, grep_sorts_its_matches_by_count) {
  add_input("a", "cat dog cat\nbird Cat cat\n");
  add_input("b", "dog cattle, dog\nconcat\n");
  const JobOutcome& outcome = run(grep("[cC]at|dog|bi[r]d"));
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(read(output_ + "/part-r-00000"), "5\tcat\n3\tdog\n1\tCat\n1\tbird\n");
  EXPECT_EQ(output_files(), (std::set<std::string>{"_SUCCESS", "part-r-00000"}));
}

TEST_F(WholeJob, grep_finds_a_literal_that_crosses_every_split_border) {
  add_input("a", "aaa needle needleneedle\nneed\nle needle");
  JobRequest request = grep("needle");
  request.split_size = 3;
  EXPECT_TRUE(run(request).succeeded);
  EXPECT_EQ(read(output_ + "/part-r-00000"), "4\tneedle\n");
}

// ---- losses ------------------------------------------------------------------------------------

class LostAgents : public WholeJob {
 protected:
  // Loses the agent of each update for which `when` says so.
  FakeCluster::AfterUpdate losing(std::function<bool(const TaskStatus&)> when) {
    return [this, when = std::move(when)](const TaskStatus& update) {
      if (when(update)) cluster_.lose_agent(update.agent_id);
    };
  }

  static bool is(const TaskStatus& update, std::string_view kind, TaskState state) {
    return update.state == state && update.task_id.value.find(kind) != std::string::npos;
  }
};

TEST_F(LostAgents, amid_the_maps_leave_the_result_exact) {
  add_input("a", random_text(6, 400'000));
  int maps = 0;
  const JobOutcome& outcome = run(word_count(), losing([&](const TaskStatus& update) {
                                    return is(update, "map", TaskState::finished) && ++maps == 7;
                                  }));
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output_counts(), words_);
  EXPECT_GT(outcome.attempts, outcome.maps + outcome.reduces);
}

TEST_F(LostAgents, amid_the_reduces_leave_the_result_exact) {
  add_input("a", random_text(7, 400'000));
  int reduces = 0;
  const JobOutcome& outcome =
      run(word_count(), losing([&](const TaskStatus& update) {
            return is(update, "reduce", TaskState::finished) && ++reduces == 1;
          }));
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output_counts(), words_);
}

TEST_F(LostAgents, again_and_again_leave_the_result_exact) {
  add_input("a", random_text(8, 600'000));
  int updates = 0;
  const JobOutcome& outcome =
      run(word_count(),
          losing([&](const TaskStatus&) { return ++updates % 17 == 0 && updates < 200; }));
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output_counts(), words_);
}

TEST_F(LostAgents, between_the_stages_of_grep_leave_the_result_exact) {
  add_input("a", random_text(9, 100'000));
  Counts expected;
  for (const auto& [word, count] : words_) {
    if (word.starts_with("w7")) expected[word.substr(0, 3)] += count;
  }
  int reduces = 0;
  const JobOutcome& outcome =
      run(grep("w7[0-9]"), losing([&](const TaskStatus& update) {
            return is(update, "stage0-reduce", TaskState::finished) && ++reduces == 2;
          }));
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  Counts got;
  std::ifstream in(output_ + "/part-r-00000");
  std::uint64_t count = 0;
  for (std::string word; in >> count >> word;) got[word] = count;
  EXPECT_EQ(got, expected);
}

TEST_F(LostAgents, and_lost_messages_together_leave_the_result_exact) {
  add_input("a", random_text(10, 300'000));
  cluster_.lose_messages(8);
  int maps = 0;
  const JobOutcome& outcome = run(word_count(), losing([&](const TaskStatus& update) {
                                    return is(update, "map", TaskState::finished) && ++maps == 12;
                                  }));
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output_counts(), words_);
}

// ---- what goes wrong ---------------------------------------------------------------------------

TEST_F(WholeJob, an_output_that_exists_is_left_alone) {
  add_input("a", "text");
  fs::create_directory(output_);
  std::ofstream(output_ + "/mine") << "precious";
  const JobOutcome& outcome = run(word_count());
  EXPECT_FALSE(outcome.succeeded);
  EXPECT_EQ(outcome.error, "output '" + output_ + "' exists already");
  EXPECT_EQ(read(output_ + "/mine"), "precious");
}

TEST_F(WholeJob, an_input_that_vanishes_fails_the_job_and_leaves_no_output) {
  add_input("a", "text");
  const JobRequest request = word_count();
  fs::remove(inputs_ + "/a");
  const JobOutcome& outcome = run(request);
  EXPECT_FALSE(outcome.succeeded);
  EXPECT_NE(outcome.error.find("map 0 failed 4 times"), std::string::npos) << outcome.error;
  EXPECT_NE(outcome.error.find("cannot open '" + inputs_ + "/a'"), std::string::npos);
  EXPECT_FALSE(fs::exists(output_));
}

TEST_F(WholeJob, a_pattern_that_is_none_fails_before_any_task) {
  add_input("a", "text");
  const JobOutcome& outcome = run(grep("(open"));
  EXPECT_FALSE(outcome.succeeded);
  EXPECT_EQ(outcome.error, "cannot use the pattern '(open': Unmatched ( or \\(");
  EXPECT_EQ(outcome.attempts, 0U);
}

// ---- jobs made of classes ----------------------------------------------------------------------

class TokenMapper final : public Mapper {
 public:
  Status map(const InputRecord& record, Emitter& out) override {
    std::istringstream in{std::string(record.value)};
    for (std::string word; in >> word;) out.emit(word, "1");
    return {};
  }
};

class SumReducer final : public Reducer {
 public:
  Status reduce(std::string_view key, Values& values, Emitter& out) override {
    std::uint64_t sum = 0;
    while (values.next()) sum += std::stoull(std::string(values.value()));
    out.emit(key, std::to_string(sum));
    return {};
  }
};

class ClassJobs : public WholeJob {
 protected:
  static JobClasses token_count() {
    JobClasses classes;
    classes.mapper = [] { return std::make_unique<TokenMapper>(); };
    classes.reducer = [] { return std::make_unique<SumReducer>(); };
    return classes;
  }

  JobRequest request_for(JobClasses classes) {
    catalogue_.add("classes", [classes](const Parameters&) -> Result<std::unique_ptr<Job>> {
      return std::make_unique<ClassJob>(classes);
    });
    JobRequest request = word_count();
    request.stages = {{"classes", {}, 3}};
    return request;
  }
};

TEST_F(ClassJobs, count_words_with_and_without_a_combiner_and_with_little_memory) {
  add_input("a", random_text(11, 200'000));
  for (const bool combine : {false, true}) {
    for (const std::uint64_t memory : {16'000'000U, 100'000U}) {
      JobClasses classes = token_count();
      if (combine) classes.combiner = [] { return std::make_unique<SumReducer>(); };
      JobRequest request = request_for(classes);
      request.memory = memory;
      FakeCluster cluster({.sandboxes = sandboxes_}, files_, catalogue_);
      JobScheduler scheduler(request, {.files = files_,
                                       .catalogue = catalogue_,
                                       .now = [] { return Time{}; },
                                       .show = {},
                                       .tell = {}});
      cluster.run(scheduler);
      EXPECT_TRUE(scheduler.outcome().succeeded) << scheduler.outcome().error;
      EXPECT_EQ(output_counts(), words_) << "combine " << combine << " memory " << memory;
      fs::remove_all(output_);
    }
  }
}

TEST_F(ClassJobs, sort_by_a_comparison_of_their_own) {
  add_input("a", "b a c\na\n");
  JobClasses classes = token_count();
  classes.key_comparison = [](std::string_view a, std::string_view b) { return b.compare(a); };
  JobRequest request = request_for(classes);
  request.stages[0].reduces = 1;
  EXPECT_TRUE(run(request).succeeded);
  EXPECT_EQ(read(output_ + "/part-r-00000"), "c\t1\nb\t1\na\t2\n");
}

class ThrowingMapper final : public Mapper {
 public:
  Status map(const InputRecord&, Emitter&) override { throw std::runtime_error("no such luck"); }
};

TEST_F(ClassJobs, that_throw_fail_with_what_they_threw) {
  add_input("a", "text");
  JobClasses classes = token_count();
  classes.mapper = [] { return std::make_unique<ThrowingMapper>(); };
  const JobOutcome& outcome = run(request_for(classes));
  EXPECT_FALSE(outcome.succeeded);
  EXPECT_NE(outcome.error.find("the mapper threw: no such luck"), std::string::npos)
      << outcome.error;
}

class WildPartitioner final : public Partitioner {
 public:
  std::uint32_t partition(std::string_view, std::string_view, std::uint32_t) const override {
    return 99;
  }
};

TEST_F(ClassJobs, with_a_partition_that_does_not_exist_fail_with_its_number) {
  add_input("a", "text");
  JobClasses classes = token_count();
  classes.partitioner = [] { return std::make_unique<WildPartitioner>(); };
  const JobOutcome& outcome = run(request_for(classes));
  EXPECT_NE(outcome.error.find("the partitioner answered 99 of 3 partitions"), std::string::npos)
      << outcome.error;
}

}  // namespace
}  // namespace mesolite::hadoop

// Defends: a job's output is exact and appears whole or not at all, whatever is lost on the way.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "frameworks/mini-hadoop/engine/class_job.hpp"
#include "tests/frameworks/mini-hadoop/whole_job.hpp"

namespace mesolite::hadoop {
namespace {

namespace fs = std::filesystem;

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

// Says of each file that the host which its name tells has it.
class PlacedFiles final : public LocalFileSystem {
 public:
  Result<std::vector<Placement>> placements(const FileEntry& file) const override {
    return std::vector<Placement>{{0, file.size, {fs::path(file.path).filename().string()}}};
  }
};

TEST_F(WholeJob, maps_run_on_the_hosts_that_have_their_input) {
  for (int i = 0; i < 3; ++i) add_input("host" + std::to_string(i), random_text(20 + i, 100'000));
  PlacedFiles files;
  JobScheduler scheduler(word_count(), {.files = files,
                                        .catalogue = catalogue_,
                                        .now = [] { return Time{}; },
                                        .show = {},
                                        .tell = {}});
  cluster_.run(scheduler);
  const JobOutcome& outcome = scheduler.outcome();
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output_counts(), words_);
  EXPECT_GE(outcome.maps, 15U);
  EXPECT_EQ(outcome.counters.at("maps near their input"), outcome.maps);
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

TEST_F(WholeJob, more_tasks_than_there_may_be_are_refused_before_any_is_made) {
  add_input("a", "text");
  fs::resize_file(inputs_ + "/a", 10'000'011);
  EXPECT_EQ(run(word_count(10)).error,
            "10000011 bytes of input in splits of 10 are too many tasks: there may be 1000000");
  const JobRequest pi = example("pi", {{"maps", "1000001"}, {"samples", "1"}});
  EXPECT_EQ(run_in(sandboxes_, pi).error,
            "the parameter 'maps' is 1000001, and may be 1000000 at most");
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
      run_afresh(request);
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

class PickyMapper final : public Mapper {
 public:
  Status map(const InputRecord& record, Emitter& out) override {
    if (record.value == "bad") return failure("expected something good");
    if (record.value == "worse") throw std::runtime_error("much worse");
    out.emit(record.value, "1");
    return {};
  }
};

TEST_F(ClassJobs, skip_as_many_bad_records_as_they_may_and_say_where_they_are) {
  add_input("a", "good\nbad\ngood\nworse\n");
  JobClasses classes = token_count();
  classes.mapper = [] { return std::make_unique<PickyMapper>(); };
  JobRequest request = request_for(classes);
  request.stages[0].parameters = {{std::string(skip_parameter), "2"}};
  const JobOutcome& outcome = run(request);
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output(), "good\t2\n");
  EXPECT_EQ(outcome.counters.at("records skipped"), 2U);
  EXPECT_NE(told_.find("skipped '" + inputs_ + "/a' byte 5: expected something good\n"),
            std::string::npos)
      << told_;
  EXPECT_NE(told_.find("byte 14: the mapper threw: much worse\n"), std::string::npos) << told_;
}

TEST_F(ClassJobs, fail_at_one_bad_record_more) {
  add_input("a", "bad\nworse\n");
  JobClasses classes = token_count();
  classes.mapper = [] { return std::make_unique<PickyMapper>(); };
  JobRequest request = request_for(classes);
  request.stages[0].parameters = {{std::string(skip_parameter), "1"}};
  EXPECT_FALSE(run(request).succeeded);
}

// Emits each record with its offset.
class RecordMapper final : public Mapper {
 public:
  Status map(const InputRecord& record, Emitter& out) override {
    out.emit(std::to_string(record.offset), record.value);
    return {};
  }
};

TEST_F(ClassJobs, read_fixed_length_prefixed_and_whole_records_exactly) {
  add_input("a", std::string("\0\0\0\3abc\0\0\0\0\0\0\0\1d", 16));
  const std::string all(read(inputs_ + "/a"));
  const std::map<std::string, Maker<InputFormat>> formats = {
      {"0\t" + all.substr(0, 8) + "\n8\t" + all.substr(8) + "\n",
       [] { return std::make_unique<FixedInputFormat>(8); }},
      {"0\tabc\n11\td\n7\n", [] { return std::make_unique<LengthPrefixedInputFormat>(); }},
      {"0\t" + all + "\n", [] { return std::make_unique<WholeFileInputFormat>(); }}};
  for (const auto& [expected, format] : formats) {
    JobClasses classes;
    classes.mapper = [] { return std::make_unique<RecordMapper>(); };
    classes.input = format;
    JobRequest request = request_for(classes);
    request.split_size = 3;
    request.stages[0].reduces = 0;
    run_afresh(request);
    EXPECT_EQ(sorted_lines(output()), sorted_lines(expected));
    fs::remove_all(output_);
  }
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

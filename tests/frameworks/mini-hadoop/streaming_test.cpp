// Defends: any commands that read and write lines make a job, with the rules of Hadoop's streaming,
// and a command that fails says why.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "frameworks/mini-hadoop/streaming/piped_command.hpp"
#include "frameworks/mini-hadoop/streaming/reporter.hpp"
#include "tests/frameworks/mini-hadoop/whole_job.hpp"

namespace mesolite::hadoop {
namespace {

class Command : public testing::Test {
 protected:
  std::unique_ptr<PipedCommand> start(const std::string& command, std::stop_token stop = {}) {
    auto started = PipedCommand::start({.command = command,
                                        .directory = "/",
                                        .environment = {"ADDED=by the job"},
                                        .output = keep(output_),
                                        .errors = keep(errors_),
                                        .stop = std::move(stop)});
    EXPECT_TRUE(started) << started.error().message;
    return std::move(*started);
  }
  static PipedCommand::TakeLine keep(std::string& into) {
    return [&into](std::string_view line) {
      into.append(line).push_back('|');
      return Status{};
    };
  }

  std::string output_;
  std::string errors_;
};

TEST_F(Command, gives_back_every_line_even_if_nobody_reads_until_megabytes_are_written) {
  const auto command = start("cat");
  std::string expected;
  for (int i = 0; i < 100'000; ++i) {
    const std::string line = "line " + std::to_string(i) + " of many";
    EXPECT_TRUE(command->write(line + "\n"));
    expected += line + "|";
  }
  EXPECT_TRUE(command->finish());
  EXPECT_EQ(output_, expected);
}

TEST_F(Command, has_its_environment_its_two_streams_and_a_last_line_without_end) {
  const auto command = start("pwd; echo \"$ADDED\" >&2; printf end");
  EXPECT_TRUE(command->finish());
  EXPECT_EQ(output_, "/|end|");
  EXPECT_EQ(errors_, "by the job|");
}

TEST_F(Command, that_does_not_want_all_its_input_is_judged_by_its_status) {
  const auto content = start("head -n 1");
  for (int i = 0; i < 50'000; ++i) EXPECT_TRUE(content->write("a line that nobody reads\n"));
  EXPECT_TRUE(content->finish());
  const auto failed = start("exit 3").get()->finish();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "'exit 3' ended with status 3");
  const auto killed = start("kill -SEGV $$").get()->finish();
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().message, "'kill -SEGV $$' was killed by signal 11");
}

TEST_F(Command, ends_when_it_is_told_to_stop) {
  std::stop_source stop;
  const auto command = start("sleep 1000", stop.get_token());
  stop.request_stop();
  EXPECT_FALSE(command->finish());
}

TEST(Reports, are_counters_a_note_or_the_commands_own_words) {
  Counters counters;
  TaskNote note;
  Reporter reporter(counters, note);
  for (const char* line :
       {"reporter:counter:Words,long, odd,7", "reporter:counter:Words,long, odd,3",
        "reporter:counter:nonsense", "reporter:status:half way", "Traceback:", "  it broke"}) {
    reporter.take(line);
  }
  EXPECT_EQ(counters.values(), (CounterValues{{"Words: long, odd", 10}}));
  EXPECT_EQ(note.text(), "half way");
  EXPECT_EQ(reporter.tail(), "Traceback:\n  it broke");
}

class Streaming : public WholeJob {
 protected:
  JobRequest streaming(const std::string& mapper, const std::string& reducer,
                       Parameters parameters = {}) {
    parameters["mapper"] = mapper;
    parameters["reducer"] = reducer;
    return example("streaming", parameters);
  }

  std::string script(const std::string& name, const std::string& text) {
    const std::string path = directory_.file(name);
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
};

// The mapper and reducer of a Hadoop tutorial, in its shape.
constexpr const char* tutorial_mapper = R"(#!/usr/bin/env python3
import sys
for line in sys.stdin:
    for word in line.strip().split():
        print('%s\t%s' % (word, 1))
)";
constexpr const char* tutorial_reducer = R"(#!/usr/bin/env python3
import sys
current_word, current_count = None, 0
for line in sys.stdin:
    word, count = line.strip().split('\t', 1)
    if word == current_word:
        current_count += int(count)
    else:
        if current_word:
            print('%s\t%s' % (current_word, current_count))
        current_word, current_count = word, int(count)
if current_word:
    print('%s\t%s' % (current_word, current_count))
)";

TEST_F(Streaming, scripts_of_a_tutorial_run_unchanged_and_are_shipped_to_the_executors) {
  if (std::system("python3 -c '' 2>/dev/null") != 0) GTEST_SKIP() << "there is no python3";
  add_input("a", random_text(1, 50'000));
  JobRequest request = streaming("mapper.py", "reducer.py", {{"combiner", "reducer.py"}});
  request.files = {script("mapper.py", tutorial_mapper), script("reducer.py", tutorial_reducer)};
  const JobOutcome& outcome = run(request);
  EXPECT_TRUE(outcome.succeeded) << outcome.error << told_;
  EXPECT_EQ(output_counts(), words_);
}

TEST_F(Streaming, awk_counts_what_uniq_counts_and_reports_counters) {
  add_input("a", random_text(2, 50'000));
  const JobOutcome& outcome = run(streaming(
      "tr -s '[:space:]' '\\n' | grep .",
      "awk -F'\\t' '{++n[$1]} END {for (w in n) print w \"\\t\" n[w];"
      " print \"reporter:counter:words,distinct,\" length(n) > \"/dev/stderr\"}' | LC_ALL=C sort"));
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output_counts(), words_);
  EXPECT_EQ(outcome.counters.at("words: distinct"), words_.size());
}

TEST_F(Streaming, without_reduces_the_mappers_write_the_output) {
  add_input("a", "one\ntwo\nthree\n");
  JobRequest request = streaming("grep o", "cat");
  request.stages[0].reduces = 0;
  EXPECT_TRUE(run(request).succeeded);
  EXPECT_EQ(output(), "one\ntwo\n");
}

TEST_F(Streaming, commands_know_their_input_file_and_the_jobs_variables) {
  add_input("a", "x\n");
  const JobOutcome& outcome =
      run(streaming("cat > /dev/null; echo \"$mapreduce_map_input_file $GREETING $my_own_limit\"",
                    "cat", {{"environment", "GREETING=hello there\n"}, {"my.own-limit", "7"}}));
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output(), inputs_ + "/a hello there 7\t\n");
}

TEST_F(Streaming, a_key_of_two_fields_is_sorted_and_grouped_as_one) {
  add_input("a", "b 2 x\na 1 z\nb 1 y\n");
  JobRequest request = streaming("cat", "cat", {{"separator", " "}, {"key fields", "2"}});
  request.stages[0].reduces = 1;
  EXPECT_TRUE(run(request).succeeded);
  EXPECT_EQ(output(), "a 1 z\nb 1 y\nb 2 x\n");
}

TEST_F(Streaming, a_mapper_that_fails_ends_the_job_with_the_end_of_what_it_said) {
  add_input("a", "x\n");
  const JobOutcome& outcome = run(streaming("echo 'cannot divide by zero' >&2; exit 2", "cat"));
  EXPECT_FALSE(outcome.succeeded);
  EXPECT_NE(outcome.error.find("failed 4 times"), std::string::npos);
  EXPECT_NE(outcome.error.find("ended with status 2; it said:\ncannot divide by zero"),
            std::string::npos)
      << outcome.error;
}

TEST_F(Streaming, what_a_command_says_that_is_no_text_is_shown_as_far_as_it_is) {
  add_input("a", "x\n");
  const JobOutcome& outcome = run(streaming("printf 'gr\\303\\274n \\377!' >&2; exit 1", "cat"));
  EXPECT_NE(outcome.error.find("gr\xC3\xBCn ?!"), std::string::npos) << outcome.error;
}

TEST_F(Streaming, a_file_to_ship_that_is_not_there_is_said_before_any_task) {
  add_input("a", "x\n");
  JobRequest request = streaming("cat", "cat");
  request.files = {"/no/such/mapper.py"};
  const JobOutcome& outcome = run(request);
  EXPECT_EQ(outcome.error, "there is no file '/no/such/mapper.py' to ship");
  EXPECT_EQ(outcome.attempts, 0U);
}

}  // namespace
}  // namespace mesolite::hadoop

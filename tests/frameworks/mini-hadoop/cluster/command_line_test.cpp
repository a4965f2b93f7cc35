// Defends: every job runs as a person starts it, and what is asked for wrongly is refused at once,
// with the word that is wrong.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/frameworks/mini-hadoop/small_disk.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

class CommandLine : public ::testing::Test {
 protected:
  CommandLine() { std::ofstream(directory_ / "in") << "k\tv\n"; }

  // No master answers at this one: what is refused is refused before one is asked.
  Ended mini_hadoop(std::vector<std::string> arguments,
                    const std::string& master = "127.0.0.1:1") const {
    arguments.insert(arguments.begin(), built("bin/mini-hadoop"));
    const std::vector<std::string> options = {"--master", master, "--output", output()};
    arguments.insert(arguments.begin() + 2, options.begin(), options.end());
    return run(std::move(arguments), {"MINI_HADOOP_HOME=" + (directory_ / "home").string()});
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
    return (directory_ / name).string();
  }
  std::string rename_output(const std::string& name) const {
    std::filesystem::rename(output(), directory_ / name);
    return (directory_ / name).string();
  }
  std::string output() const { return (directory_ / "out").string(); }
  std::string input() const { return (directory_ / "in").string(); }

  Scratch directory_;
};

TEST_F(CommandLine, starts_every_job_with_what_it_takes) {
  const Cluster cluster;
  const std::string text = write("text", "b a b\nc\n");
  const std::string numbers = write("numbers", "10 2\n9 1\n");
  const std::string left = write("left", "k\tl\n");
  const std::string right = write("right", "k\tr\n");
  const std::string script = write("count.sh", "wc -l\n");
  const std::string dashes(48, '-');
  struct Case {
    std::vector<std::string> command;
    std::string lines;  // of all parts, sorted
  };
  const std::vector<Case> cases = {
      {{"wordcount", text}, "a\t1\nb\t2\nc\t1\n"},
      {{"grep", "[ab]", text}, "1\ta\n2\tb\n"},
      {{"grep", "--literal", "b a", text}, "1\tb a\n"},
      {{"topn", "1", text}, "2\tb\n"},
      {{"invertedindex", left, right},
       "k\t" + left + ":1\t" + right + ":1\nl\t" + left + ":1\nr\t" + right + ":1\n"},
      {{"sort", text}, "b a b\nc\n"},
      {{"sort", "--numeric", "--reverse", "--reducers", "1", numbers}, "10 2\n9 1\n"},
      {{"join", left, right}, "k\tl\tr\n"},
      {{"secondarysort", "--reducers", "1", numbers}, dashes + "\n" + dashes + "\n10\t2\n9\t1\n"},
      {{"streaming", "-input", text, "-mapper", "cat", "-reducer", "sh count.sh", "-files", script,
        "-numReduceTasks", "1"},
       "2\n"},
      {{"streaming", "-input", text + "," + numbers, "-D", "mapreduce.job.reduces=0", "-mapper",
        "grep \"$WANTED\"", "-reducer", "NONE", "-cmdenv", "WANTED=9"},
       "9 1\n"},
      {{"jar", built("tests/jobs/line_lengths.so"), text}, "1\t1\n5\t1\n"},
  };
  for (const auto& [command, lines] : cases) {
    const Ended ended = mini_hadoop(command, cluster.master());
    EXPECT_EQ(ended.status, 0) << command[0] << ": " << ended.errors;
    EXPECT_EQ(run({"/bin/sh", "-c", "cat " + output() + "/part-* | sort"}, {"LC_ALL=C"}).output,
              lines)
        << command[0];
    std::filesystem::remove_all(output());
  }
}

TEST_F(CommandLine, makes_sorts_and_validates_records_and_estimates_pi) {
  const Cluster cluster;
  EXPECT_EQ(mini_hadoop({"teragen", "1000", "--maps", "3"}, cluster.master()).status, 0);
  const std::string made = rename_output("made");
  EXPECT_EQ(mini_hadoop({"terasort", made}, cluster.master()).status, 0);
  const std::string sorted = rename_output("sorted");
  EXPECT_EQ(mini_hadoop({"teravalidate", sorted}, cluster.master()).status, 0);
  rename_output("proof");
  EXPECT_EQ(mini_hadoop({"teravalidate", made}, cluster.master()).status, 1) << "not in order";
  rename_output("refutation");
  EXPECT_EQ(mini_hadoop({"pi", "4", "1000"}, cluster.master()).status, 0);
  EXPECT_NE(read_file(output() + "/part-r-00000").find("pi\t3.1"), std::string::npos);
}

TEST_F(CommandLine, a_number_of_reduces_that_is_none_is_refused) {
  for (const std::string number : {"two", "-1", "1001", "", "3x"}) {
    const Ended ended =
        mini_hadoop({"streaming", "-input", input(), "-D", "mapreduce.job.reduces=" + number});
    EXPECT_EQ(ended.status, 64) << number;
    EXPECT_NE(ended.errors.find("expects 0 to 1000 reduce tasks, got '" + number + "'"),
              std::string::npos)
        << ended.errors;
  }
}

TEST_F(CommandLine, a_join_of_a_file_with_itself_is_refused) {
  const Ended ended = mini_hadoop({"join", input(), input()});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.errors, "mini-hadoop: '" + input() + "' is on both sides of the join\n");
}

TEST_F(CommandLine, an_input_that_is_missing_and_an_output_that_exists_are_refused) {
  const Ended missing = mini_hadoop({"wordcount", input() + "x"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_EQ(missing.errors, "mini-hadoop: input '" + input() + "x' does not exist\n");
  std::filesystem::create_directory(output());
  const Ended exists = mini_hadoop({"wordcount", input()});
  EXPECT_EQ(exists.status, 1);
  EXPECT_EQ(exists.errors, "mini-hadoop: output '" + output() + "' exists already\n");
}

TEST_F(CommandLine, a_disk_without_room_for_what_is_known_of_jobs_is_told) {
  const hadoop::SmallDisk home((directory_ / "home").string(), 4);
  if (!home.is_mounted()) GTEST_SKIP() << "needs root";
  write("home/full", std::string(5000, 'x'));
  const Ended ended = mini_hadoop({"wordcount", input()});
  EXPECT_EQ(ended.status, 1);
  EXPECT_NE(ended.errors.find("/job.new': No space left on device\n"), std::string::npos)
      << ended.errors;
  EXPECT_TRUE(std::filesystem::is_empty(directory_ / "home/jobs"));
}

}  // namespace
}  // namespace mesolite::harness

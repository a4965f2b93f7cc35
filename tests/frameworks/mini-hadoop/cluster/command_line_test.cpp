// Defends: what a person asks for wrongly is refused at once, with the word that is wrong.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/program.hpp"

namespace mesolite::harness {
namespace {

class CommandLine : public ::testing::Test {
 protected:
  CommandLine() { std::ofstream(directory_ / "in") << "k\tv\n"; }

  // No master answers there: what is refused is refused before one is asked.
  Ended mini_hadoop(const std::string& command, std::vector<std::string> arguments) const {
    std::vector<std::string> line = {
        built("bin/mini-hadoop"),     command, "--master", "127.0.0.1:1", "--output",
        (directory_ / "out").string()};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return run(std::move(line), {"MINI_HADOOP_HOME=" + (directory_ / "home").string()});
  }
  std::string input() const { return (directory_ / "in").string(); }

  Scratch directory_;
};

TEST_F(CommandLine, a_number_of_reduces_that_is_none_is_refused) {
  for (const std::string number : {"two", "-1", "1001", "", "3x"}) {
    const Ended ended =
        mini_hadoop("streaming", {"-input", input(), "-D", "mapreduce.job.reduces=" + number});
    EXPECT_EQ(ended.status, 64) << number;
    EXPECT_NE(ended.errors.find("expects 0 to 1000 reduce tasks, got '" + number + "'"),
              std::string::npos)
        << ended.errors;
  }
}

TEST_F(CommandLine, a_join_of_a_file_with_itself_is_refused) {
  const Ended ended = mini_hadoop("join", {input(), input()});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.errors, "mini-hadoop: '" + input() + "' is on both sides of the join\n");
}

TEST_F(CommandLine, an_input_that_is_missing_and_an_output_that_exists_are_refused) {
  const Ended missing = mini_hadoop("wordcount", {input() + "x"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_EQ(missing.errors, "mini-hadoop: input '" + input() + "x' does not exist\n");
  std::filesystem::create_directory(directory_ / "out");
  const Ended exists = mini_hadoop("wordcount", {input()});
  EXPECT_EQ(exists.status, 1);
  EXPECT_EQ(exists.errors,
            "mini-hadoop: output '" + (directory_ / "out").string() + "' exists already\n");
}

}  // namespace
}  // namespace mesolite::harness

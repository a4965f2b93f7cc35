#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "sdk/src/module/loader.hpp"

namespace mesolite {
namespace {

struct Ended {
  int status = -1;
  std::string output;
};

Ended run(const std::string& arguments) {
  const std::string command =
      installed_module_paths().preflight.string() + " " + arguments + " 2>/dev/null";
  Ended result;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    result.output.push_back(static_cast<char>(c));
  }
  result.status = WEXITSTATUS(::pclose(pipe));
  return result;
}

TEST(PreflightProgram, reports_a_manifest) {
  const Ended good = run((installed_module_paths().modules / "none.so").string());
  ASSERT_EQ(good.status, 0);
  const auto report = decode<PreflightReport>(good.output);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->problem, "");
  EXPECT_EQ(report->description.name, "none");
}

TEST(PreflightProgram, reports_a_problem_as_its_answer_and_not_as_its_failure) {
  const Ended missing = run("/nowhere.so");
  ASSERT_EQ(missing.status, 0);
  EXPECT_EQ(decode<PreflightReport>(missing.output)->problem,
            "module '/nowhere.so' does not exist");
}

TEST(PreflightProgram, wants_exactly_one_file) {
  EXPECT_EQ(run("").status, 64);
  EXPECT_EQ(run("a b").status, 64);
}

}  // namespace
}  // namespace mesolite

// Defends: a job in a shared library runs as a built-in one does, and one that cannot be used is
// refused with its path and the reason.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "frameworks/mini-hadoop/library/library_job.hpp"
#include "tests/frameworks/mini-hadoop/whole_job.hpp"

namespace mesolite::hadoop {
namespace {

class Library : public WholeJob {
 protected:
  static std::string built(const std::string& name) {
    return std::string(MESOLITE_BUILD_DIR) + "/tests/jobs/" + name + ".so";
  }
  static std::string refusal(const std::string& path) {
    const auto job = library_job({{"library", path}});
    return job ? "it is used" : job.error().message;
  }
};

TEST_F(Library, is_shipped_to_the_executors_and_its_job_is_that_of_awk) {
  add_input("a", "one\nthree\n\ntwo\nof eleven b\nsix\n");
  JobRequest request = example("library", {{"library", built("line_lengths")}}, 7);
  request.files = {built("line_lengths")};
  const JobOutcome& outcome = run(std::move(request));
  EXPECT_TRUE(outcome.succeeded) << outcome.error;
  EXPECT_EQ(output(), shell("awk '{++n[length($0)]} END {for (l in n) print l \"\\t\" n[l]}' a |"
                            " sort -n"));
}

TEST_F(Library, that_is_missing_no_library_or_no_job_or_foreign_is_refused_with_the_reason) {
  const std::string text = directory_.file("text.so");
  std::ofstream(text) << "no library at all";
  EXPECT_NE(refusal("/no/such.so").find("/no/such.so"), std::string::npos);
  EXPECT_NE(refusal(text).find(text), std::string::npos);
  EXPECT_EQ(refusal("libm.so.6"), "'libm.so.6' is no job library: it has no MINI_HADOOP_JOB");
  EXPECT_EQ(refusal(built("foreign_job"))
                .find("'" + built("foreign_job") +
                      "' was built for another mini-hadoop: for "
                      "'mini-hadoop 0', and this is 'mini-hadoop 2"),
            0U);
  EXPECT_NE(refusal("").find("missing"), std::string::npos);
}

}  // namespace
}  // namespace mesolite::hadoop

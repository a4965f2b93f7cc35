#include "kernel/runtime/event_log.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"

namespace mesolite::runtime {
namespace {

EventLogOptions to_file(const harness::Scratch& scratch) {
  EventLogOptions options;
  options.program = "test";
  options.to_stderr = false;
  options.directory = scratch.path();
  return options;
}

TEST(EventLog, writes_events_as_lines_and_leaves_out_what_is_less_severe) {
  const harness::Scratch scratch;
  {
    const auto log = EventLog::open(to_file(scratch));
    (*log)->note({Severity::info, "agent_lost", {{"agent", "A17"}, {"missed", "5"}}});
    (*log)->note({Severity::debug, "agent_pinged", {}});
    (*log)->write(Severity::error, "the disk is full");
  }
  const std::string text = harness::read_file(scratch / "test.log");
  EXPECT_NE(text.find("info    agent_lost agent=A17 missed=5\n"), std::string::npos) << text;
  EXPECT_NE(text.find("error   the disk is full\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("agent_pinged"), std::string::npos) << text;
}

TEST(EventLog, counts_every_event_even_those_that_are_not_written) {
  const harness::Scratch scratch;
  const auto log = EventLog::open(to_file(scratch));
  (*log)->note({Severity::debug, "agent_pinged", {}});
  (*log)->note({Severity::debug, "agent_pinged", {}});
  std::map<std::string, double> metrics;
  (*log)->add_counts(metrics);
  EXPECT_EQ(metrics.at("events/agent_pinged"), 2.0);
}

TEST(EventLog, a_directory_that_cannot_be_written_is_named) {
  EventLogOptions options;
  options.program = "test";
  options.directory = "/proc/none";
  const auto refused = EventLog::open(options);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("'/proc/none'"), std::string::npos);
}

}  // namespace
}  // namespace mesolite::runtime

// A module in a process of its own: it answers like any other, and whatever becomes of its process,
// the program that asks goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <future>

#include "kernel/modules/process_instance.hpp"
#include "mesolite/module/allocator.hpp"
#include "mesolite/module/authenticator.hpp"
#include "tests/kernel/modules/witness.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/wait.hpp"

namespace mesolite::modules {
namespace {

using harness::eventually;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;
namespace fs = std::filesystem;

constexpr std::uint32_t any_method = 1;

class ProcessInstanceTest : public ::testing::Test {
 protected:
  template <class Kind>
  ProcessSettings settings(const fs::path& file) const {
    ProcessSettings settings;
    settings.program = installed_module_paths().host;
    settings.file = file;
    settings.wanted = wanted_module<Kind>();
    settings.remembers = remembers<Kind>;
    settings.start_timeout = settings.call_timeout = harness::patience;
    return settings;
  }
  static fs::path installed(const std::string& name) {
    return installed_module_paths().modules / (name + ".so");
  }
  static fs::path bad(const std::string& name) {
    return fs::path(MESOLITE_BUILD_DIR) / "tests/bad_modules" / (name + ".so");
  }
  std::unique_ptr<ProcessInstance> start(ProcessSettings settings) {
    auto instance = ProcessInstance::start(std::move(settings), witness_);
    if (!instance) ADD_FAILURE() << instance.error().message;
    return instance ? std::move(*instance) : nullptr;
  }
  std::unique_ptr<ProcessInstance> start_calling(const std::string& how,
                                                 Duration call_timeout = harness::patience) {
    auto calling = settings<Allocator>(bad("calling_" + how));
    calling.call_timeout = call_timeout;
    return start(calling);
  }
  // What a call says, and that the process is replaced after it.
  std::string problem(const std::string& how, Duration call_timeout = harness::patience) {
    const auto instance = start_calling(how, call_timeout);
    const auto answer = instance->call(any_method, "");
    EXPECT_FALSE(answer) << how;
    EXPECT_TRUE(eventually([&] { return instance->restarts() == 1; })) << how;
    EXPECT_THAT(witness_.lines(Severity::error), Contains(StartsWith(answer.error().message)));
    return answer.error().message;
  }
  std::size_t errors() const { return witness_.lines(Severity::error).size(); }

  Witness witness_;
};

TEST_F(ProcessInstanceTest, answers_like_a_module_of_this_process) {
  ModuleClient<Authenticator> client(start(settings<Authenticator>(installed("none"))));
  const auto answer = client.server_step({1, "alice", {}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->state, AuthenticationState::accepted);
  EXPECT_EQ(answer->principal, "alice");
}

TEST_F(ProcessInstanceTest, carries_requests_and_answers_of_many_megabytes) {
  auto instance = start(settings<Allocator>(installed("hierarchical")));
  ModuleClient<Allocator> client(std::move(instance));
  AllocateRequest request;
  request.changes.settings = AllocatorSettings{};
  request.changes.roles.push_back({RoleHandle{1}, "*", 1.0, {}, {}});
  for (std::uint64_t i = 1; i <= 20'000; ++i) {
    request.changes.agents.push_back({AgentHandle{i}, AgentId("A" + std::to_string(i)),
                                      std::string(200, 'h'), *Resources::parse("cpus:4;mem:1024"),
                                      Attributes{}, true});
  }
  FrameworkState framework;
  framework.handle = FrameworkHandle{1};
  framework.roles = {RoleHandle{1}};
  request.changes.frameworks.push_back(framework);
  const auto answer = client.allocate(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->allocations.size(), 20'000u);
}

TEST_F(ProcessInstanceTest, its_module_reaches_the_host) {
  const auto instance = start_calling("talk");
  ASSERT_TRUE(instance->call(any_method, ""));
  EXPECT_TRUE(eventually([&] { return witness_.notices().size() == 1; }));
  EXPECT_THAT(witness_.lines(Severity::warning), Contains("a word from inside"));
  EXPECT_THAT(witness_.notices(), Contains("look"));
}

TEST_F(ProcessInstanceTest, a_failure_is_the_modules_sentence_and_costs_nothing) {
  const auto instance = start(settings<Allocator>(bad("fails_unprintably")));
  EXPECT_EQ(instance->call(any_method, "").error().message, "two lines [31m");
  EXPECT_TRUE(instance->current());
  EXPECT_EQ(errors(), 0u);
}

TEST_F(ProcessInstanceTest, what_cannot_be_loaded_is_refused_as_in_this_process) {
  const auto refusal = [&](const fs::path& file) {
    const auto instance = ProcessInstance::start(settings<Allocator>(file), witness_);
    return instance ? "" : instance.error().message;
  };
  EXPECT_EQ(refusal("/nowhere.so"), "module '/nowhere.so' does not exist");
  EXPECT_THAT(refusal(bad("wrong_kind")), HasSubstr("is an isolator and not an allocator"));
  EXPECT_THAT(refusal(bad("older_abi")), HasSubstr("has ABI version 0"));
  EXPECT_THAT(refusal(bad("refuses")), HasSubstr("cannot be started: allocator 'bad': not on a"));
  EXPECT_THAT(refusal(bad("opening_crashes")),
              AllOf(StartsWith("module '" + bad("opening_crashes").string() + "'"),
                    HasSubstr("was killed by signal 11 (Segmentation fault)")));
  EXPECT_THAT(refusal(bad("opening_exits")), HasSubstr("exited with status 0"));
  auto unknown = settings<Allocator>(installed("hierarchical"));
  unknown.parameters["sped"] = ParameterValue{std::int64_t{1}};
  EXPECT_THAT(ProcessInstance::start(unknown, witness_).error().message, HasSubstr("'sped'"));
  auto nowhere = settings<Allocator>(bad("good"));
  nowhere.program = "/nowhere/mesolite-module-host";
  EXPECT_THAT(ProcessInstance::start(nowhere, witness_).error().message,
              HasSubstr("cannot run '/nowhere/mesolite-module-host'"));
  EXPECT_EQ(errors(), 0u);
}

TEST_F(ProcessInstanceTest, what_hangs_while_it_is_opened_is_given_up) {
  auto hanging = settings<Allocator>(bad("opening_hangs"));
  hanging.start_timeout = 200ms;
  EXPECT_THAT(ProcessInstance::start(hanging, witness_).error().message,
              HasSubstr("it gave no answer within 200ms"));
}

TEST_F(ProcessInstanceTest, a_call_that_ends_its_process_is_one_sentence_and_another_is_started) {
  EXPECT_EQ(problem("leave"), "its host process exited with status 7");
  EXPECT_THAT(problem("crash"), StartsWith("its host process was killed by signal 11"));
  EXPECT_EQ(problem("cut_short"), "its host process exited with status 0");
}

TEST_F(ProcessInstanceTest, an_answer_that_is_none_costs_the_process) {
  const std::string words =
      "what its host process answered is no answer, and the process was killed";
  EXPECT_EQ(problem("oversized"), words);
  EXPECT_EQ(problem("odd_status"), "what its host process answered is no answer");
  EXPECT_THAT(problem("close_calls"), StartsWith("its host process was killed by signal 9"));
}

TEST_F(ProcessInstanceTest, a_call_that_does_not_end_is_cut_off) {
  EXPECT_EQ(problem("hang", 200ms),
            "it gave no answer within 200ms, and its host process was killed");
  EXPECT_EQ(problem("stop_half_way", 200ms),
            "it gave no answer within 200ms, and its host process was killed");
}

TEST_F(ProcessInstanceTest, one_killed_while_idle_is_replaced_at_once_with_one_error_line) {
  const auto instance = start(settings<Authenticator>(installed("none")));
  ::kill(instance->process_id(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return instance->restarts() == 1; }));
  EXPECT_THAT(witness_.lines(Severity::error),
              ::testing::ElementsAre(
                  "its host process was killed by signal 9 (Killed); it is started again"));
  EXPECT_TRUE(instance->current());
}

TEST_F(ProcessInstanceTest, one_that_remembers_is_not_called_before_it_was_told_everything) {
  const auto instance = start(settings<Allocator>(bad("good")));
  std::promise<void> fresh;
  instance->on_fresh([&] { fresh.set_value(); });
  EXPECT_TRUE(instance->call(any_method, ""));
  ::kill(instance->process_id(), SIGKILL);
  fresh.get_future().wait();
  EXPECT_FALSE(instance->current());
  EXPECT_EQ(instance->call(any_method, "").error().message,
            "it was started again and knows nothing yet");
  instance->resume();
  EXPECT_TRUE(instance->current());
  EXPECT_TRUE(instance->call(any_method, ""));
}

TEST_F(ProcessInstanceTest, one_that_dies_again_and_again_is_started_after_growing_pauses) {
  auto leaving = settings<Authenticator>(installed("none"));
  leaving.pause_first = 1h;
  leaving.pause_max = 2h;
  const auto instance = start(leaving);
  ::kill(instance->process_id(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return instance->restarts() == 1; }));
  ::kill(instance->process_id(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return errors() == 2; }));
  EXPECT_THAT(witness_.lines(Severity::error)[1], HasSubstr("; it is started again in 1h"));
  EXPECT_EQ(instance->call(any_method, "").error().message,
            "it is not running: its host process was killed by signal 9 (Killed)");
  EXPECT_EQ(errors(), 2u);
}

TEST_F(ProcessInstanceTest, a_restart_that_fails_is_tried_again) {
  harness::Scratch scratch;
  const fs::path file = scratch / "none.so";
  fs::copy(installed("none"), file);
  auto moving = settings<Authenticator>(file);
  moving.pause_first = moving.pause_max = 1ms;
  const auto instance = start(moving);
  fs::rename(file, scratch / "away.so");
  ::kill(instance->process_id(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return errors() >= 3; }));
  EXPECT_THAT(witness_.lines(Severity::error)[1], HasSubstr("does not exist"));
  fs::rename(scratch / "away.so", file);
  EXPECT_TRUE(eventually([&] { return instance->restarts() == 1; }));
}

TEST_F(ProcessInstanceTest, a_descriptor_of_its_process_can_be_taken_over) {
  const auto instance = start_calling("open_descriptor");
  const auto number = std::stoi(instance->call(any_method, "").error().message);
  const auto copy = instance->copy_descriptor(number);
  ASSERT_TRUE(copy) << copy.error().message;
  std::uint64_t value = 0;
  ASSERT_EQ(::read(copy->get(), &value, sizeof value), ssize_t{sizeof value});
  EXPECT_EQ(value, 5u);
  EXPECT_THAT(instance->copy_descriptor(999).error().message, HasSubstr("descriptor 999"));
}

}  // namespace
}  // namespace mesolite::modules

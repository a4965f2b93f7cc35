// An isolator whose module ends, or is replaced, goes on for the containers that live.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "kernel/modules/isolator_seat.hpp"
#include "tests/kernel/modules/witness.hpp"
#include "tests/support/wait.hpp"

namespace mesolite::modules {
namespace {

using harness::eventually;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Writes down what it is asked; watches an event of its own.
class Scribe final : public Isolator {
 public:
  explicit Scribe(std::vector<std::string>& calls, std::string refusal = "")
      : calls_(calls), refusal_(std::move(refusal)), event_(::eventfd(0, EFD_CLOEXEC)) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override {
    calls_.push_back("probe " + probe.work_dir);
    return Nothing{};
  }
  Result<Contribution> prepare(const ContainerContext& container) override {
    calls_.push_back("prepare " + container.id.value);
    return Contribution{};
  }
  Result<WatchAnswer> watch(const ContainerContext& container) override {
    calls_.push_back("watch " + container.id.value);
    return WatchAnswer{{{event_.get(), ""}, {-1, "/a/path"}}, std::nullopt};
  }
  Result<Nothing> cleanup(const ContainerContext& container) override {
    calls_.push_back("cleanup " + container.id.value);
    return Nothing{};
  }
  Result<Nothing> recover(const RecoverRequest& request) override {
    if (!refusal_.empty()) return failure(refusal_);
    for (const auto& container : request.containers) {
      calls_.push_back("recover " + container.id.value + " of " + container.user);
    }
    for (const auto& orphan : request.orphans) calls_.push_back("orphan " + orphan.value);
    return Nothing{};
  }
  void fire() const {
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(event_.get(), &one, sizeof one), ssize_t{sizeof one});
  }

 private:
  std::vector<std::string>& calls_;
  std::string refusal_;
  Descriptor event_;
};

ContainerContext container(const std::string& id) {
  ContainerContext context;
  context.id = ContainerId(id);
  context.user = "alice";
  return context;
}

bool readable(int descriptor) {
  pollfd polled{descriptor, POLLIN, 0};
  return ::poll(&polled, 1, 0) == 1;
}

// ---- replacement --------------------------------------------------------------------------------

class Replacement : public ::testing::Test {
 protected:
  Hosted<Isolator> hosted(std::string refusal = "") {
    auto scribe = std::make_unique<Scribe>(calls, std::move(refusal));
    last = scribe.get();
    return {"isolator 'scribe'", std::move(scribe), nullptr};
  }

  std::vector<std::string> calls;
  Scribe* last = nullptr;
  IsolatorSeat seat{hosted()};
};

TEST_F(Replacement, a_successor_works_here_and_knows_who_lives_before_it_serves) {
  IsolatorProbe probe;
  probe.work_dir = "/w";
  ASSERT_TRUE(seat.probe(probe));
  for (const char* id : {"a", "b"}) ASSERT_TRUE(seat.prepare(container(id)));
  ASSERT_TRUE(seat.cleanup(container("a")));
  calls.clear();
  ASSERT_TRUE(seat.replace(hosted()));
  EXPECT_THAT(calls, ElementsAre("probe /w", "recover b of alice"));
  ASSERT_TRUE(seat.prepare(container("c")));
  EXPECT_EQ(calls.back(), "prepare c");
}

TEST_F(Replacement, what_was_watched_is_watched_on_through_the_same_descriptor) {
  ASSERT_TRUE(seat.prepare(container("a")));
  const auto answer = seat.watch(container("a"));
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->files.size(), 2u);
  EXPECT_EQ(answer->files[0].path, "/a/path");
  const int descriptor = answer->files[1].descriptor;
  last->fire();
  EXPECT_TRUE(readable(descriptor));
  ASSERT_TRUE(seat.replace(hosted()));
  EXPECT_FALSE(readable(descriptor));
  last->fire();
  EXPECT_TRUE(readable(descriptor));
}

TEST_F(Replacement, one_that_cannot_recover_is_refused_and_the_old_one_goes_on) {
  ASSERT_TRUE(seat.prepare(container("a")));
  const auto replaced = seat.replace(hosted("it does not know these"));
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().message, "it does not know these");
  calls.clear();
  EXPECT_TRUE(seat.cleanup(container("a")));
  EXPECT_THAT(calls, ElementsAre("cleanup a"));
}

// ---- in a process of its own --------------------------------------------------------------------

class OutOfProcessIsolator : public ::testing::Test {
 protected:
  void SetUp() override {
    ProcessSettings settings;
    settings.program = installed_module_paths().host;
    settings.file = installed_module_paths().modules / "posix-mem.so";
    settings.wanted = wanted_module<Isolator>();
    settings.remembers = true;
    settings.pause_first = settings.pause_max = 1h;
    auto instance = ProcessInstance::start(settings, witness);
    ASSERT_TRUE(instance) << instance.error().message;
    process = instance->get();
    seat.emplace(Hosted<Isolator>{
        "posix/mem", std::make_unique<ModuleClient<Isolator>>(std::move(*instance)), process});
    ASSERT_TRUE(seat->probe({}));
  }

  Witness witness;
  ProcessInstance* process = nullptr;
  std::optional<IsolatorSeat> seat;
};

TEST_F(OutOfProcessIsolator, one_that_was_started_again_is_brought_up_to_date_and_asked) {
  ASSERT_TRUE(seat->prepare(container("a")));
  ::kill(process->process_id(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return process->restarts() == 1; }));
  EXPECT_FALSE(process->current());
  EXPECT_TRUE(seat->prepare(container("b")));
  EXPECT_TRUE(process->current());
}

TEST_F(OutOfProcessIsolator, one_that_is_down_refuses_launches_with_a_sentence) {
  for (std::uint64_t time = 1; time <= 2; ++time) {
    ::kill(process->process_id(), SIGKILL);
    ASSERT_TRUE(eventually([&] { return witness.lines(Severity::error).size() == time; }));
    ASSERT_TRUE(eventually([&] { return process->restarts() == 1; }));
  }
  const auto prepared = seat->prepare(container("a"));
  ASSERT_FALSE(prepared);
  EXPECT_THAT(prepared.error().message,
              HasSubstr("it is not running: its host process was killed by signal 9"));
}

}  // namespace
}  // namespace mesolite::modules

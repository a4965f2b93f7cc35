// A call into a module of this process that takes too long is named while it lasts, and counted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "kernel/modules/method_names.hpp"
#include "kernel/modules/watchdog.hpp"
#include "mesolite/module/allocator.hpp"
#include "tests/kernel/modules/witness.hpp"
#include "tests/support/wait.hpp"

namespace mesolite::modules {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A call lasts until it is let go.
class Patient final : public ModuleInstance {
 public:
  explicit Patient(std::shared_future<void> end) : end_(std::move(end)) {}
  Result<std::string> call(std::uint32_t, std::string_view request) override {
    end_.wait();
    return std::string(request);
  }
  const std::string& title() const override { return title_; }

 private:
  std::shared_future<void> end_;
  std::string title_ = "allocator 'patient'";
};

class WatchdogTest : public ::testing::Test {
 protected:
  std::unique_ptr<ModuleInstance> watched(Duration limit) {
    return watchdog_.watch(std::make_unique<Patient>(end_.get_future().share()),
                           {limit, &method_name<Allocator>, &witness_, &overruns_});
  }

  Witness witness_;
  std::atomic<std::uint64_t> overruns_{0};
  std::promise<void> end_;
  Watchdog watchdog_;
};

TEST_F(WatchdogTest, a_call_that_overruns_is_named_while_it_lasts_and_counted_after) {
  const auto module = watched(20ms);
  auto call = std::async(std::launch::async, [&] { return module->call(1, "what was asked"); });
  ASSERT_TRUE(harness::eventually([&] { return !witness_.lines(Severity::error).empty(); }));
  EXPECT_EQ(overruns_, 0u);
  EXPECT_EQ(call.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_THAT(witness_.lines(Severity::error)[0],
              AllOf(HasSubstr("its method allocate has been running for "), HasSubstr("ms")));
  end_.set_value();
  EXPECT_EQ(call.get().value(), "what was asked");
  EXPECT_EQ(overruns_, 1u);
  EXPECT_EQ(witness_.lines(Severity::error).size(), 1u);
}

TEST_F(WatchdogTest, a_call_in_time_is_nobodys_business) {
  const auto module = watched(1h);
  end_.set_value();
  EXPECT_TRUE(module->call(1, ""));
  EXPECT_EQ(overruns_, 0u);
  EXPECT_THAT(witness_.lines(Severity::error), IsEmpty());
}

}  // namespace
}  // namespace mesolite::modules

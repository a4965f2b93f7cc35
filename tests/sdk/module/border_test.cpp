// The byte border between a host and a class linked straight in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "sdk/src/module/loader.hpp"

namespace mesolite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct ProbeParameters {
  std::string behaviour = "good";
  MESOLITE_FIELDS(behaviour);
};

// Does what its parameter says.
class ProbeIsolator final : public Isolator {
 public:
  static Result<std::unique_ptr<ProbeIsolator>> create(const ProbeParameters& parameters,
                                                       Host& host) {
    if (parameters.behaviour == "refuse") return failure("it does not like the weather");
    if (parameters.behaviour == "throw") throw std::runtime_error("thrown by create");
    return std::make_unique<ProbeIsolator>(parameters, host);
  }
  ProbeIsolator(const ProbeParameters& parameters, Host& host)
      : behaviour_(parameters.behaviour), host_(host) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override {
    host_.log(Severity::info, "probing " + probe.work_dir);
    host_.notify("seen");
    if (behaviour_ == "throw later") throw std::logic_error("thrown by probe");
    if (behaviour_ == "throw oddly") throw 42;
    if (behaviour_ == "fail") return failure("no cgroups here");
    return Nothing{};
  }
  Result<Contribution> prepare(const ContainerContext& container) override {
    Contribution contribution;
    contribution.hostname = container.id.value;
    return contribution;
  }

 private:
  std::string behaviour_;
  Host& host_;
};

class Border : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Isolator>> make(const std::string& behaviour = "good") {
    return local_module<Isolator, ProbeIsolator>(ProbeParameters{behaviour}, host_);
  }

  testing::RecordingHost host_;
};

TEST_F(Border, arguments_and_answers_come_through) {
  const auto isolator = make().value();
  ContainerContext container;
  container.id = ContainerId("c1");
  EXPECT_EQ(isolator->prepare(container)->hostname, "c1");
  EXPECT_TRUE(isolator->cleanup(container));
}

TEST_F(Border, a_module_reaches_its_host) {
  IsolatorProbe probe;
  probe.work_dir = "/var/lib/mesolite\nnext";
  ASSERT_TRUE(make().value()->probe(probe));
  EXPECT_THAT(host_.lines, ElementsAre("probing /var/lib/mesolite next"));
  EXPECT_THAT(host_.notices, ElementsAre("seen"));
}

TEST_F(Border, a_failure_is_the_modules_own_sentence_after_its_name_and_method) {
  const auto answer = make("fail").value()->probe({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "isolator 'local', probe: no cgroups here");
}

TEST_F(Border, exceptions_become_sentences) {
  EXPECT_THAT(make("throw").error().message, HasSubstr("it threw an exception: thrown by create"));
  EXPECT_EQ(make("throw later").value()->probe({}).error().message,
            "isolator 'local', probe: it threw an exception: thrown by probe");
  EXPECT_THAT(make("throw oddly").value()->probe({}).error().message,
              HasSubstr("it threw something that is no std::exception"));
}

TEST_F(Border, a_create_that_refuses_says_why) {
  EXPECT_EQ(make("refuse").error().message, "isolator 'local': it does not like the weather");
}

TEST_F(Border, a_method_of_a_later_interface_is_refused_by_number) {
  ProbeIsolator module({}, host_);
  EXPECT_EQ(ModuleKind<Isolator>::dispatch(module, 99, "").error().message,
            "this isolator has no method 99");
}

TEST_F(Border, a_request_that_is_no_msgpack_is_refused) {
  ProbeIsolator module({}, host_);
  EXPECT_THAT(ModuleKind<Isolator>::dispatch(module, 1, "\xc1").error().message,
              HasSubstr("cannot read the request"));
}

TEST_F(Border, a_module_of_another_compiler_loads_and_works) {
  if (std::string_view(MESOLITE_CLANG_MODULE).empty()) GTEST_SKIP() << "needs clang beside gcc";
  const ModuleLoader loader({installed_module_paths().preflight});
  const auto module = loader.load<Authenticator>(MESOLITE_CLANG_MODULE, {}, host_);
  ASSERT_TRUE(module) << module.error().message;
  const auto answer = (*module)->server_step({1, "alice", {}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->state, AuthenticationState::accepted);
  EXPECT_EQ(answer->principal, "alice");
}

}  // namespace
}  // namespace mesolite

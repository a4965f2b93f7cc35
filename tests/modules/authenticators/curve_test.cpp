// With keys on the bus, who one is the connection has proved, and nothing that anybody says.
#include "modules/authenticators/curve/curve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"

namespace mesolite::curve {
namespace {

using ::testing::HasSubstr;

class CurveModule : public ::testing::Test {
 protected:
  AuthenticationAnswer step(const std::string& claimed, const std::string& proved) {
    return module_->server_step({1, claimed, Bytes(), proved}).value();
  }

  testing::RecordingHost host_;
  const std::unique_ptr<Authenticator> module_ =
      local_module<Authenticator, CurveAuthenticator>(Nothing{}, host_).value();
};

TEST_F(CurveModule, lets_in_whose_key_was_proved_as_who_he_is) {
  for (const char* claimed : {"", "ann"}) {
    EXPECT_EQ(step(claimed, "ann").state, AuthenticationState::accepted);
    EXPECT_EQ(step(claimed, "ann").principal, "ann");
  }
}

TEST_F(CurveModule, lets_nobody_in_who_has_no_key_or_claims_another_name) {
  EXPECT_EQ(step("ann", "").state, AuthenticationState::refused);
  EXPECT_EQ(step("", "").state, AuthenticationState::refused);
  EXPECT_EQ(step("ann", "bob").state, AuthenticationState::refused);
  EXPECT_THAT(step("ann", "bob").reason, HasSubstr("is that of 'bob'"));
}

TEST_F(CurveModule, a_client_accepts_only_a_server_that_the_connection_has_proved) {
  EXPECT_EQ(module_->client_start({1, {"ann", ""}, true})->state, AuthenticationState::accepted);
  EXPECT_THAT(module_->client_start({1, {"ann", ""}, false}).error().message,
              HasSubstr("needs a key of the bus"));
  EXPECT_EQ(module_->client_step({1, "", Bytes("prove it"), ""})->state,
            AuthenticationState::refused);
}

}  // namespace
}  // namespace mesolite::curve

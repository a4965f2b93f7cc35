#include "modules/authenticators/none/none.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"

namespace mesolite::none {
namespace {

TEST(None, conforms_through_the_border) {
  testing::RecordingHost host;
  const auto make = [&] {
    return local_module<Authenticator, NoneAuthenticator>(Nothing{}, host).value();
  };
  EXPECT_THAT(testing::authenticator_violations({make, make, {"alice", ""}, {}, {}}),
              ::testing::IsEmpty());
}

TEST(None, a_client_that_is_challenged_gives_up) {
  testing::RecordingHost host;
  NoneAuthenticator authenticator({}, host);
  EXPECT_EQ(authenticator.client_step({1, "", Bytes("prove it")})->state,
            AuthenticationState::refused);
}

}  // namespace
}  // namespace mesolite::none

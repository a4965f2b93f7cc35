#include "modules/authenticators/shared-secret/shared_secret.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::shared_secret {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
namespace fs = std::filesystem;

class SharedSecret : public ::testing::Test {
 protected:
  std::string credentials(const std::string& text, fs::perms perms = fs::perms::owner_read) {
    const fs::path file = folder_ / "credentials";
    fs::remove(file);
    std::ofstream(file) << text;
    fs::permissions(file, perms);
    return file.string();
  }
  Result<std::unique_ptr<Authenticator>> make(const Parameters& parameters) {
    return local_module<Authenticator, SharedSecretAuthenticator>(parameters, host_);
  }

  harness::Scratch folder_;
  testing::RecordingHost host_;
};

TEST_F(SharedSecret, conforms_through_the_border) {
  const std::string file = credentials("# who may come in\nalice 5ec2e7\nbob  other\n");
  testing::AuthenticatorCase mechanism;
  mechanism.make_server = [&] { return make({file, 100}).value(); };
  mechanism.make_client = [&] { return make({}).value(); };
  mechanism.good = {"alice", "5ec2e7"};
  mechanism.bad = {"alice", "other"};
  mechanism.strange = {"mallory", "5ec2e7"};
  EXPECT_THAT(testing::authenticator_violations(mechanism), IsEmpty());
}

TEST_F(SharedSecret, a_client_refuses_a_server_that_does_not_know_the_secret) {
  const auto client = make({}).value();
  ASSERT_EQ(client->client_start({1, {"alice", "5ec2e7"}})->state, AuthenticationState::proceed);
  ASSERT_EQ(client->client_step({1, "", Bytes(std::string(32, 'n'))})->state,
            AuthenticationState::proceed);
  const auto answer = client->client_step({1, "", Bytes(std::string(32, 'p'))});
  EXPECT_EQ(answer->state, AuthenticationState::refused);
  EXPECT_THAT(answer->reason, HasSubstr("does not know the secret"));
}

TEST_F(SharedSecret, unknown_principals_are_challenged_like_known_ones) {
  const auto server = make({credentials("alice 5ec2e7\n"), 100}).value();
  const Bytes nonce(std::string(32, 'n'));
  const auto known = server->server_step({1, "alice", nonce});
  const auto unknown = server->server_step({2, "mallory", nonce});
  EXPECT_EQ(known->state, unknown->state);
  EXPECT_EQ(known->data.size(), unknown->data.size());
}

TEST_F(SharedSecret, sessions_have_a_limit) {
  const auto server = make({credentials("alice 5ec2e7\n"), 2}).value();
  const Bytes nonce(std::string(32, 'n'));
  EXPECT_EQ(server->server_step({1, "alice", nonce})->state, AuthenticationState::proceed);
  EXPECT_EQ(server->server_step({2, "alice", nonce})->state, AuthenticationState::proceed);
  EXPECT_EQ(server->server_step({3, "alice", nonce})->state, AuthenticationState::refused);
  ASSERT_TRUE(server->end({1}));
  EXPECT_EQ(server->server_step({3, "alice", nonce})->state, AuthenticationState::proceed);
}

TEST_F(SharedSecret, a_file_that_others_can_read_is_refused) {
  const auto made =
      make({credentials("alice 5ec2e7\n", fs::perms::owner_read | fs::perms::group_read), 100});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("is open to other users: chmod 600 it"));
}

TEST_F(SharedSecret, a_file_that_is_not_there_is_named) {
  const auto made = make({"/nowhere/credentials", 100});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("'/nowhere/credentials' cannot be opened"));
}

TEST_F(SharedSecret, bad_lines_are_named_and_secrets_are_not_said) {
  for (const auto& [text, problem] : std::vector<std::pair<std::string, std::string>>{
           {"", "it names no principal"},
           {"alice\n", "line 1 is not 'principal secret'"},
           {"# x\nalice hush hush\n", "line 2 is not 'principal secret'"},
           {"alice hush\nalice hush2\n", "line 2: principal 'alice' stands twice"}}) {
    const auto made = make({credentials(text), 100});
    ASSERT_FALSE(made) << text;
    EXPECT_THAT(made.error().message, HasSubstr(problem));
    EXPECT_THAT(made.error().message, Not(HasSubstr("hush")));
  }
}

TEST_F(SharedSecret, a_server_without_credentials_says_so) {
  const auto server = make({}).value();
  const auto answer = server->server_step({1, "alice", Bytes(std::string(32, 'n'))});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("no credentials file is configured"));
}

}  // namespace
}  // namespace mesolite::shared_secret

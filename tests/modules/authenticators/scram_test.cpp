// SCRAM lets in who knows the secret, and tells neither the secret nor who is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/base/guarded_file.hpp"
#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "modules/authenticators/scram-sha-256/scram.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::scram {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class Scram : public ::testing::Test {
 protected:
  Scram() {
    EXPECT_TRUE(known_.set_secret("alice", salt_secret("5ec2e7").value()));
    write();
  }
  void write() { EXPECT_TRUE(write_secret_file(file_, known_.to_text())); }
  std::unique_ptr<Authenticator> server(std::int64_t sessions_max = 100) {
    return local_module<Authenticator, ScramAuthenticator>(Parameters{file_, sessions_max}, host_)
        .value();
  }
  std::unique_ptr<Authenticator> client() {
    return local_module<Authenticator, ScramAuthenticator>(Parameters{}, host_).value();
  }
  // The first token of a client.
  Bytes first(std::uint64_t session, const std::string& principal) {
    return client_->client_start({session, {principal, "5ec2e7"}})->data;
  }

  harness::Scratch folder_;
  const std::string file_ = (folder_ / "credentials").string();
  Credentials known_;
  testing::RecordingHost host_;
  const std::unique_ptr<Authenticator> client_ = client();
};

TEST_F(Scram, conforms_through_the_border) {
  testing::AuthenticatorCase mechanism;
  mechanism.make_server = [&] { return server(); };
  mechanism.make_client = [&] { return client(); };
  mechanism.good = {"alice", "5ec2e7"};
  mechanism.bad = {"alice", "other"};
  mechanism.strange = {"mallory", "5ec2e7"};
  EXPECT_THAT(testing::authenticator_violations(mechanism), IsEmpty());
}

TEST_F(Scram, takes_names_with_any_letters) {
  ASSERT_TRUE(known_.set_secret("a=b,c", salt_secret("5ec2e7").value()));
  write();
  const auto host = server();
  auto answer = host->server_step({1, "a=b,c", first(1, "a=b,c")});
  ASSERT_EQ(answer->state, AuthenticationState::proceed) << answer->reason;
  answer = host->server_step({1, "", client_->client_step({1, "", answer->data})->data});
  ASSERT_EQ(answer->state, AuthenticationState::proceed) << answer->reason;
  answer = host->server_step({1, "", client_->client_step({1, "", answer->data})->data});
  ASSERT_EQ(answer->state, AuthenticationState::accepted) << answer->reason;
  EXPECT_EQ(answer->principal, "a=b,c");
}

TEST_F(Scram, unknown_principals_are_challenged_like_known_ones) {
  const auto host = server();
  const auto known = host->server_step({1, "alice", first(1, "alice")});
  const auto unknown = host->server_step({2, "mallory", first(2, "mallory")});
  ASSERT_EQ(known->state, AuthenticationState::proceed) << known->reason;
  EXPECT_EQ(unknown->state, AuthenticationState::proceed);
  EXPECT_EQ(known->data.size(), unknown->data.size());
  // And a second time with the same salt.
  const auto salt = [](const Bytes& data) {
    const auto at = data.data.find(",s=");
    return data.data.substr(at, data.data.find(',', at + 1) - at);
  };
  const auto again = host->server_step({3, "mallory", first(3, "mallory")});
  EXPECT_EQ(salt(unknown->data), salt(again->data));
}

TEST_F(Scram, nobody_comes_in_under_another_name_than_the_one_he_proves) {
  const auto answer = server()->server_step({1, "bob", first(1, "alice")});
  EXPECT_EQ(answer->state, AuthenticationState::refused);
}

TEST_F(Scram, a_client_refuses_a_server_that_does_not_know_the_secret) {
  ASSERT_EQ(client_->client_start({1, {"alice", "other"}})->state, AuthenticationState::proceed);
  const auto host = server();
  const auto challenge = host->server_step({1, "alice", first(1, "alice")});
  ASSERT_EQ(client_->client_step({1, "", challenge->data})->state, AuthenticationState::proceed);
  const auto answer = client_->client_step({1, "", Bytes("v=" + std::string(43, 'A') + "=")});
  EXPECT_EQ(answer->state, AuthenticationState::refused);
  EXPECT_THAT(answer->reason, HasSubstr("does not know the secret"));
}

TEST_F(Scram, a_client_lets_no_server_make_it_compute_for_hours_or_next_to_nothing) {
  for (const std::string rounds : {"1", "4294967295", "99999999999999999999999"}) {
    const Bytes token = first(1, "alice");
    const std::string nonce = token.data.substr(token.data.find(",r=") + 3);
    const auto answer = client_->client_step(
        {1, "", Bytes("r=" + nonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=" + rounds)});
    EXPECT_EQ(answer->state, AuthenticationState::refused) << rounds;
    EXPECT_THAT(answer->reason, StartsWith("the server asks for what")) << rounds;
  }
}

TEST_F(Scram, who_was_removed_from_the_file_does_not_come_in_any_more) {
  const auto host = server();
  ASSERT_TRUE(known_.remove("alice"));
  ASSERT_TRUE(known_.add_token("bob", "token"));
  write();
  const auto challenge = host->server_step({1, "alice", first(1, "alice")});
  const auto proof = client_->client_step({1, "", challenge->data});
  const auto answer = host->server_step({1, "", proof->data});
  EXPECT_EQ(answer->state, AuthenticationState::refused);
  EXPECT_THAT(answer->reason, HasSubstr("is not in the credentials file"));
}

TEST_F(Scram, sessions_have_a_limit) {
  const auto host = server(1);
  EXPECT_EQ(host->server_step({1, "alice", first(1, "alice")})->state,
            AuthenticationState::proceed);
  EXPECT_EQ(host->server_step({2, "alice", first(2, "alice")})->state,
            AuthenticationState::refused);
  ASSERT_TRUE(host->end({1}));
  EXPECT_EQ(host->server_step({2, "alice", first(2, "alice")})->state,
            AuthenticationState::proceed);
}

TEST_F(Scram, a_server_without_credentials_says_so) {
  const auto answer = client_->server_step({1, "alice", first(1, "alice")});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("no credentials file is configured"));
}

}  // namespace
}  // namespace mesolite::scram

// The templates conform; and what does not conform is found out.
#include "mesolite/testing/conformance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/module/client.hpp"
#include "sdk/templates/allocator/my_allocator.hpp"

namespace mesolite {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A good allocator with one thing spoilt.
class SpoiltAllocator final : public Allocator {
 public:
  using Spoil = std::function<void(AllocateRequest&, AllocateResponse&, bool before)>;
  SpoiltAllocator(Host& host, Spoil spoil) : good_({}, host), spoil_(std::move(spoil)) {}

  Result<AllocateResponse> allocate(const AllocateRequest& request) override {
    AllocateRequest changed = request;
    AllocateResponse response;
    spoil_(changed, response, true);
    response = good_.allocate(changed).value();
    spoil_(changed, response, false);
    return response;
  }

 private:
  MyAllocator good_;
  Spoil spoil_;
};

class Conformance : public ::testing::Test {
 protected:
  testing::Violations violations(const SpoiltAllocator::Spoil& spoil) {
    return testing::allocator_violations(
        [&] { return std::make_unique<SpoiltAllocator>(host_, spoil); });
  }

  testing::RecordingHost host_;
};

TEST_F(Conformance, the_template_of_an_allocator_conforms) {
  EXPECT_THAT(testing::allocator_violations([&] {
                return local_module<Allocator, MyAllocator>(MyParameters{}, host_).value();
              }),
              IsEmpty());
}

TEST_F(Conformance, giving_away_twice_is_found) {
  EXPECT_THAT(violations([](AllocateRequest&, AllocateResponse& response, bool before) {
                if (before || response.allocations.empty()) return;
                response.allocations.push_back(response.allocations.back());
              }),
              Contains("nothing is given away twice"));
}

TEST_F(Conformance, not_giving_at_all_is_found) {
  EXPECT_THAT(violations([](AllocateRequest&, AllocateResponse& response, bool) {
                response.allocations.clear();
              }),
              Contains(HasSubstr("what is free is offered at once")));
}

TEST_F(Conformance, not_listening_to_refusals_is_found) {
  EXPECT_THAT(violations([](AllocateRequest& request, AllocateResponse&, bool) {
                for (Release& release : request.changes.released) release.refused_until.reset();
              }),
              Contains("what was declined is not offered again before its time"));
}

TEST_F(Conformance, forgetting_the_deadline_is_found) {
  EXPECT_THAT(violations([](AllocateRequest&, AllocateResponse& response, bool) {
                response.next_deadline.reset();
              }),
              Contains(HasSubstr("what is free is offered at once")));
}

TEST_F(Conformance, not_listening_to_suppression_is_found) {
  EXPECT_THAT(violations([](AllocateRequest& request, AllocateResponse&, bool) {
                for (Interest& interest : request.changes.interests) interest.wanted = true;
              }),
              Contains(HasSubstr("in a role that it suppresses")));
}

TEST_F(Conformance, not_keeping_to_limits_is_found) {
  EXPECT_THAT(violations([](AllocateRequest& request, AllocateResponse&, bool) {
                for (RoleState& role : request.changes.roles) role.limit.reset();
              }),
              Contains("a limit of quota is never exceeded"));
}

TEST_F(Conformance, not_keeping_guarantees_free_is_found) {
  EXPECT_THAT(violations([](AllocateRequest& request, AllocateResponse&, bool) {
                for (RoleState& role : request.changes.roles) role.guarantee = {};
              }),
              Contains("what is guaranteed by quota is kept free for its role"));
}

TEST_F(Conformance, chance_is_found) {
  std::uint64_t calls = 0;
  EXPECT_THAT(violations([&](AllocateRequest&, AllocateResponse& response, bool before) {
                if (!before && ++calls % 3 == 0) response.next_deadline = Time(1s);
              }),
              Contains("equal calls give equal answers"));
}

// Lets everybody in.
class Doorman final : public Authenticator {
 public:
  Result<AuthenticationAnswer> server_step(const AuthenticationToken& token) override {
    AuthenticationAnswer answer;
    answer.state = AuthenticationState::accepted;
    answer.principal = token.principal;
    return answer;
  }
  Result<AuthenticationAnswer> client_start(const AuthenticationStart&) override {
    AuthenticationAnswer answer;
    answer.state = AuthenticationState::accepted;
    return answer;
  }
  Result<AuthenticationAnswer> client_step(const AuthenticationToken&) override {
    return failure("there is no second step");
  }
  Result<Nothing> end(const AuthenticationEnd&) override { return Nothing{}; }
};

TEST_F(Conformance, an_authenticator_that_lets_everybody_in_is_found) {
  const auto make = [] { return std::make_unique<Doorman>(); };
  const auto found = testing::authenticator_violations(
      {make, make, {"alice", "right"}, {"alice", "wrong"}, {"mallory", "right"}});
  EXPECT_THAT(found, Contains("a wrong secret is never accepted, but it is"));
  EXPECT_THAT(found, Contains("an unknown principal is never accepted, but it is"));
  EXPECT_THAT(found, Contains("a recorded exchange is not accepted again, but it is"));
}

// Limits what has just begun, and does not take a cleanup twice.
class Warden final : public Isolator {
 public:
  Result<CheckAnswer> check(const ContainerContext&) override {
    CheckAnswer answer;
    answer.limitation.emplace().message = "out of memory";
    return answer;
  }
  Result<Nothing> cleanup(const ContainerContext& container) override {
    return failure("container " + container.id.value + " is not known");
  }
};

TEST_F(Conformance, an_isolator_that_trips_over_strangers_is_found) {
  const auto found = testing::isolator_violations([] { return std::make_unique<Warden>(); });
  EXPECT_THAT(found, Contains(HasSubstr("cleanup of a container that it never saw succeeds")));
  EXPECT_THAT(found, Contains(HasSubstr("has met no limit, but: out of memory")));
}

}  // namespace
}  // namespace mesolite

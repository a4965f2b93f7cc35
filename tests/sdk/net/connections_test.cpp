#include "sdk/net/connections.hpp"

#include <gtest/gtest.h>

namespace mesolite::net {
namespace {

using Claim = Connections::Claim;

constexpr int descriptor = 7;
constexpr PeerId a{1};
constexpr PeerId b{2};

TEST(Connections, an_end_names_the_peer_that_spoke_on_it) {
  Connections connections;
  connections.accepted(descriptor);
  EXPECT_EQ(connections.attribute(descriptor, 100, a).claim, Claim::alive);
  EXPECT_EQ(connections.ended(descriptor), a);
  EXPECT_EQ(connections.ended(descriptor), std::nullopt);
}

TEST(Connections, a_message_of_an_ended_connection_belongs_to_nobody_alive) {
  Connections connections;
  connections.accepted(descriptor);
  connections.ended(descriptor);
  EXPECT_EQ(connections.attribute(descriptor, 100, a).claim, Claim::ended);
  EXPECT_EQ(connections.attribute(-1, 101, b).claim, Claim::ended);
}

TEST(Connections, a_reused_descriptor_is_the_new_peers) {
  Connections connections;
  connections.accepted(descriptor);
  connections.attribute(descriptor, 100, a);
  EXPECT_EQ(connections.ended(descriptor), a);
  connections.accepted(descriptor);
  EXPECT_EQ(connections.attribute(descriptor, 101, b).claim, Claim::alive);
  EXPECT_EQ(connections.ended(descriptor), b);
}

TEST(Connections, after_a_silent_end_the_first_to_speak_is_doubted) {
  Connections connections;
  connections.accepted(descriptor);
  connections.ended(descriptor);
  connections.accepted(descriptor);
  EXPECT_EQ(connections.attribute(descriptor, 100, a).claim, Claim::doubtful);
}

TEST(Connections, doubt_ends_when_all_of_the_ended_connection_has_been_read) {
  Connections connections;
  connections.accepted(descriptor);
  connections.ended(descriptor);
  connections.settled();
  connections.accepted(descriptor);
  EXPECT_EQ(connections.attribute(descriptor, 100, a).claim, Claim::alive);
}

TEST(Connections, of_two_claims_the_later_connection_wins_in_either_order) {
  for (const std::uint32_t base : {100u, 0xffffffffu}) {  // the numbers wrap around
    Connections connections;
    connections.accepted(descriptor);
    connections.ended(descriptor);
    connections.accepted(descriptor);
    connections.attribute(descriptor, base, a);
    const auto later = connections.attribute(descriptor, base + 1, b);
    EXPECT_EQ(later.claim, Claim::doubtful);
    EXPECT_EQ(later.superseded, a);
    const auto earlier = connections.attribute(descriptor, base - 1, PeerId{3});
    EXPECT_EQ(earlier.claim, Claim::ended);
    EXPECT_EQ(earlier.superseded, std::nullopt);
    EXPECT_EQ(connections.ended(descriptor), b);
  }
}

TEST(Connections, an_end_that_was_never_told_is_told_by_the_next_start) {
  Connections connections;
  connections.accepted(descriptor);
  connections.attribute(descriptor, 100, a);
  EXPECT_EQ(connections.accepted(descriptor), a);
  EXPECT_TRUE(connections.silent(descriptor));
}

}  // namespace
}  // namespace mesolite::net

#include <gtest/gtest.h>

#include "kernel/registry/memory_registry.hpp"
#include "kernel/runtime/standalone_leadership.hpp"

namespace mesolite::runtime {
namespace {

TEST(Leadership, each_run_of_a_lone_master_has_a_higher_epoch_of_the_same_cluster) {
  registry::MemoryRegistry registry;
  const auto first = lead_alone(registry, 1);
  const auto second = lead_alone(registry, 2);
  EXPECT_EQ(first.value().epoch, 1u);
  EXPECT_EQ(second.value().epoch, 2u);
  EXPECT_EQ(first->cluster, second->cluster);
  EXPECT_TRUE(valid_id(first->cluster));
}

TEST(Leadership, clusters_are_told_apart) {
  registry::MemoryRegistry one;
  registry::MemoryRegistry other;
  EXPECT_NE(lead_alone(one, 1).value().cluster, lead_alone(other, 2).value().cluster);
}

TEST(Leadership, an_epoch_that_is_no_number_is_not_guessed_at) {
  registry::MemoryRegistry registry;
  ASSERT_TRUE(registry.write({{"cluster/epoch", Bytes("soon")}}));
  EXPECT_FALSE(lead_alone(registry, 1));
}

}  // namespace
}  // namespace mesolite::runtime

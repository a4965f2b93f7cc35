#include <gtest/gtest.h>

#include "kernel/registry/memory_registry.hpp"
#include "kernel/runtime/leadership.hpp"

namespace mesolite::runtime {
namespace {

TEST(Leadership, each_run_of_a_lone_master_has_a_higher_epoch_of_the_same_cluster) {
  registry::MemoryRegistry registry;
  const auto first = take_lead(registry, {}, 1);
  const auto second = take_lead(registry, {}, 2);
  EXPECT_EQ(first.value().epoch, 1u);
  EXPECT_EQ(second.value().epoch, 2u);
  EXPECT_EQ(first->cluster, second->cluster);
  EXPECT_TRUE(valid_id(first->cluster));
}

TEST(Leadership, clusters_are_told_apart) {
  registry::MemoryRegistry one;
  registry::MemoryRegistry other;
  EXPECT_NE(take_lead(one, {}, 1).value().cluster, take_lead(other, {}, 2).value().cluster);
}

TEST(Leadership, an_epoch_that_is_no_number_is_not_guessed_at) {
  registry::MemoryRegistry registry;
  ASSERT_TRUE(registry.write({{"cluster/epoch", Bytes("soon")}}));
  EXPECT_FALSE(take_lead(registry, {}, 1));
}

TEST(Leadership, a_registry_that_began_with_this_release_is_complete) {
  registry::MemoryRegistry registry;
  for (int run = 0; run < 3; ++run) {
    const auto leadership = take_lead(registry, {}, 1);
    EXPECT_TRUE(read_durable(registry, leadership.value()).value().complete);
  }
}

TEST(Leadership, a_registry_of_an_older_release_is_complete_when_one_master_has_written_all) {
  registry::MemoryRegistry registry;
  ASSERT_TRUE(registry.write({{"cluster/id", Bytes("c")}, {"cluster/epoch", Bytes("7")}}));
  EXPECT_FALSE(read_durable(registry, take_lead(registry, {}, 1).value()).value().complete);
  EXPECT_TRUE(read_durable(registry, take_lead(registry, {}, 1).value()).value().complete);
}

TEST(Leadership, what_earlier_masters_wrote_is_read_and_what_cannot_be_is_named) {
  registry::MemoryRegistry registry;
  const auto leadership = take_lead(registry, {}, 1);
  master::DurableWeight weight;
  weight.weight = 2;
  ASSERT_TRUE(registry.write({{"weights/eng", Bytes(encode(weight))}}));
  EXPECT_EQ(read_durable(registry, leadership.value()).value().weights.at("eng").weight, 2);
  ASSERT_TRUE(registry.write({{"weights/eng", Bytes("nonsense")}}));
  const auto read = read_durable(registry, leadership.value());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message.rfind("registry: record 'weights/eng': ", 0), 0u)
      << read.error().message;
}

TEST(Leadership, records_are_told_in_words) {
  master::DurableWeight weight;
  weight.weight = 2;
  EXPECT_EQ(record_text({"cluster/epoch", Bytes("7")}).value(), "7");
  EXPECT_EQ(record_text({"weights/eng", Bytes(encode(weight))}).value(), "{weight=2.000000}");
  EXPECT_FALSE(record_text({"cluster/epoch", Bytes("soon")}));
  EXPECT_FALSE(record_text({"weights/eng", Bytes("nonsense")}));
}

}  // namespace
}  // namespace mesolite::runtime

// Defends: what is sent to a worker does there what it does here, and what cannot be sent is
// refused with a sentence.
#include <gtest/gtest.h>

#include "frameworks/mini-spark/engine/run_task.hpp"
#include "frameworks/mini-spark/ship/image.hpp"
#include "frameworks/mini-spark/ship/plan.hpp"
#include "mesolite/data/file.hpp"
#include "tests/frameworks/mini-spark/contexts.hpp"

namespace mesolite::spark {
namespace {

struct AddAll {
  std::vector<std::int64_t> amounts;
  MESOLITE_FIELDS(amounts);
  std::int64_t operator()(std::int64_t x) const {
    return std::accumulate(amounts.begin(), amounts.end(), x);
  }
};

// Sends `rdd` through bytes and collects partition 0 of what arrives.
template <class T>
std::vector<T> collected_elsewhere(const RDD<T>& rdd) {
  const auto end = std::make_shared<ActionNode<T, TakeOp<T>>>(
      rdd.context().seed("collect", rdd.partitions(), {rdd.node()}), TakeOp<T>{});
  const auto bytes = encode_stage(end);
  EXPECT_TRUE(bytes) << bytes.error().message;
  const auto arrived = decode_stage(*bytes);
  EXPECT_TRUE(arrived) << arrived.error().message;
  auto scratch = data::ScratchDirectory::create(::testing::TempDir(), "mini-spark-test-");
  EnvironmentOptions options;
  options.scratch = scratch->path();
  Environment environment(options);
  const TaskOutcome outcome = run_task(environment, **arrived, {1, 0, 0, 1}, {});
  EXPECT_EQ(outcome.end, TaskEnd::finished) << outcome.reason;
  return unpacked<std::vector<T>>(outcome.result.view());
}

std::string refusal(const std::shared_ptr<Node>& node) {
  const auto bytes = encode_stage(node);
  return bytes ? "none" : bytes.error().message;
}

TEST(Shipping, a_lambda_arrives_with_what_it_captured) {
  const std::int64_t factor = 6;
  const char mark = 'x';
  const auto rdd =
      local_context().parallelize(Numbers{1, 2, 3}, 1).map([factor, mark](std::int64_t x) {
        return x * factor + (mark == 'x' ? 1 : 0);
      });
  EXPECT_EQ(collected_elsewhere(rdd), (Numbers{7, 13, 19}));
}

TEST(Shipping, two_lambdas_of_one_name_stay_apart) {
  const auto rdd = local_context().parallelize(Numbers{10}, 1);
  const auto plus = rdd.map([](std::int64_t x) { return x + 1; });
  const auto minus = rdd.map([](std::int64_t x) { return x - 1; });
  EXPECT_EQ(collected_elsewhere(plus), Numbers{11});
  EXPECT_EQ(collected_elsewhere(minus), Numbers{9});
}

TEST(Shipping, a_functor_with_fields_may_own_what_it_needs) {
  const auto rdd = local_context().range(0, 2, 1, 1).map(AddAll{{1, 10, 100}});
  EXPECT_EQ(collected_elsewhere(rdd), (Numbers{111, 112}));
}

TEST(Shipping, every_kind_of_node_arrives) {
  auto& context = local_context();
  const auto numbers = context.range(0, 10, 1, 1);
  const auto sum = numbers.zip(numbers.map([](std::int64_t x) { return x; }))
                       .filter([](const NumberPair& pair) { return pair.first > 6; })
                       .map_values([](std::int64_t x) { return x * 2; })
                       .union_with(context.parallelize(NumberPairs{{1, 1}}, 1))
                       .coalesce(1);
  EXPECT_EQ(collected_elsewhere(sum), (NumberPairs{{7, 14}, {8, 16}, {9, 18}, {1, 1}}));
  EXPECT_EQ(collected_elsewhere(numbers.cartesian(numbers)).size(), 100U);
  EXPECT_EQ(collected_elsewhere(numbers.glom()).front().size(), 10U);
}

TEST(Shipping, a_collection_stays_with_the_driver_until_a_worker_asks) {
  const Numbers many = random_numbers(100'000, 1'000, 3);
  const auto rdd = local_context().parallelize(many, 4);
  EXPECT_LT(encode_stage(rdd.node())->size(), 1'000U);
  EXPECT_EQ(collected_elsewhere(rdd), Numbers(many.begin(), many.begin() + 25'000));
}

TEST(Shipping, a_captured_reference_is_refused_with_stage_and_function) {
  std::int64_t on_the_stack = 1;
  const auto rdd = local_context().range(0, 2, 1, 1);
  const auto refused = rdd.map([&on_the_stack](std::int64_t x) { return x + on_the_stack; });
  const std::string text = refusal(refused.node());
  EXPECT_NE(text.find("map: the function '"), std::string::npos) << text;
  EXPECT_NE(text.find("captures a pointer or reference"), std::string::npos) << text;
  const char* const literal = "in the image";
  EXPECT_NE(refusal(rdd.filter([literal](std::int64_t) { return *literal != 0; }).node()), "none");
  const auto wanted = meant([literal](std::int64_t x) { return x + (literal != nullptr ? 1 : 0); });
  EXPECT_EQ(refusal(rdd.map(wanted).node()), "none");
}

TEST(Shipping, bytes_that_no_driver_wrote_are_refused) {
  const auto rdd = local_context().range(0, 2, 1, 1).map([](std::int64_t x) { return x; });
  const std::string bytes = *encode_stage(rdd.node());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_stage(bytes.substr(0, size))) << size;
  }
  std::string wrong = bytes;
  wrong[1] = static_cast<char>(wrong[1] ^ 8);  // in the first registration's offset
  const auto decoded = decode_stage(wrong);
  ASSERT_FALSE(decoded);
  EXPECT_NE(decoded.error().message.find("no function at offset"), std::string::npos);
}

TEST(Image, knows_itself) {
  EXPECT_TRUE(image().contains(reinterpret_cast<std::uintptr_t>(&image)));
  EXPECT_FALSE(image().contains(reinterpret_cast<std::uintptr_t>(&std::abort)));
  EXPECT_EQ(*identity(), *identity());
  EXPECT_GT(identity()->size(), 16U);
}

}  // namespace
}  // namespace mesolite::spark

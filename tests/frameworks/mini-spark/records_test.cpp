// Defends: what everything above takes for granted of hashes, tables and packed records.
#include <gtest/gtest.h>

#include <map>

#include "frameworks/mini-spark/records/flat_table.hpp"
#include "frameworks/mini-spark/records/pack.hpp"
#include "tests/frameworks/mini-spark/contexts.hpp"

namespace mesolite::spark {
namespace {

TEST(Texts, are_equal_when_every_byte_is) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'a');
    EXPECT_TRUE(equal_text(text, std::string(size, 'a'))) << size;
    EXPECT_FALSE(equal_text(text, std::string(size + 1, 'a'))) << size;
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'b';
      EXPECT_FALSE(equal_text(text, other)) << size << ", " << at;
      EXPECT_NE(hash_text(text), hash_text(other)) << size << ", " << at;
    }
  }
}

TEST(Hashes, spread_neighbours_evenly_over_partitions) {
  std::vector<int> counts(64);
  for (std::int64_t key = 0; key < 64'000; ++key) ++counts[partition_of(hash_of(key), 64)];
  for (const int count : counts) EXPECT_NEAR(count, 1'000, 200);
}

TEST(FlatTable, finds_what_a_map_finds_and_keeps_the_order_of_coming) {
  FlatTable<std::string, std::int64_t> table;
  std::map<std::string, std::int64_t> expected;
  std::vector<std::string> order;
  for (const auto number : random_numbers(50'000, 9'000, 4)) {
    const std::string key = "key " + std::to_string(number);
    const auto [value, made] = table.find_or_create(key, hash_of(key), [] { return 0; });
    ++*value;
    EXPECT_EQ(made, ++expected[key] == 1);
    if (made) order.push_back(key);
  }
  ASSERT_EQ(table.size(), expected.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(table.entries()[i].first, order[i]);
    EXPECT_EQ(table.entries()[i].second, expected[order[i]]);
  }
  const std::string unknown = "unknown";
  EXPECT_EQ(table.find(unknown, hash_of(unknown)), nullptr);
  EXPECT_GT(table.memory(), order.size() * sizeof(std::pair<std::string, std::int64_t>));
  table.clear();
  EXPECT_EQ(table.find(order[0], hash_of(order[0])), nullptr);
}

TEST(Packing, brings_back_what_went_in_and_notices_what_is_cut_off) {
  using Record = std::tuple<std::string, std::optional<double>, std::map<std::int64_t, Numbers>,
                            std::pair<bool, std::vector<std::string>>>;
  const Record record{"text", 0.1, {{7, {1, 2}}, {9, {}}}, {true, {"", "x"}}};
  Packer out;
  pack(out, record);
  EXPECT_EQ(unpacked<Record>(out.view()), record);
  for (std::size_t size = 0; size < out.size(); ++size) {
    EXPECT_THROW(unpacked<Record>(out.view().substr(0, size)), std::runtime_error) << size;
  }
}

}  // namespace
}  // namespace mesolite::spark

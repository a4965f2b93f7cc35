// Defends: counts are exact for keys of every length, across growth, clearing and full tables.
#include "frameworks/mini-hadoop/engine/sum_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-hadoop/engine/words.hpp"
#include "mesolite/base/random.hpp"

namespace mesolite::hadoop {
namespace {

using Sums = std::map<std::string, std::uint64_t>;

Sums sums_of(SumTable& table) {
  Sums sums;
  for (const SortItem& item : table.sort(3)) {
    sums.emplace(table.key(item), table.sum(item));
  }
  EXPECT_EQ(sums.size(), table.size());
  return sums;
}

constexpr std::size_t plenty = std::size_t{64} << 20;

TEST(SumTable, adds_up_keys_of_every_length) {
  SumTable table(plenty);
  Sums expected;
  for (std::size_t size = 0; size < 100; ++size) {
    for (const char byte : {'a', '\0', '\xff'}) {
      const std::string key(size, byte);
      table.add(key, size + 1);
      expected[key] += size + 1;
    }
  }
  EXPECT_EQ(sums_of(table), expected);
}

TEST(SumTable, keeps_its_sums_while_it_grows) {
  SumTable table(plenty);
  Random random(3);
  Sums expected;
  for (int i = 0; i < 100'000; ++i) {
    std::string key = std::to_string(random.below(30'000));
    if (random.chance(0.1)) key += " and a tail that does not fit into an entry";
    ASSERT_FALSE(table.full());
    table.add(key, i);
    expected[key] += static_cast<std::uint64_t>(i);
  }
  EXPECT_EQ(sums_of(table), expected);
}

TEST(SumTable, is_full_before_it_exceeds_its_memory_and_usable_after_clear) {
  SumTable table(std::size_t{2} << 20);
  int added = 0;
  while (!table.full()) table.add(std::to_string(added++), 1);
  EXPECT_GT(added, 1000);
  EXPECT_LT(added, 65536);  // two megabytes of entries
  EXPECT_EQ(table.size(), static_cast<std::size_t>(added));
  table.clear();
  EXPECT_EQ(table.size(), 0U);
  EXPECT_FALSE(table.full());
  table.add("again", 1);
  EXPECT_EQ(sums_of(table), (Sums{{"again", 1}}));
}

TEST(SumTable, is_full_of_a_few_very_long_keys_too) {
  SumTable table(std::size_t{4} << 20);
  int added = 0;
  while (!table.full()) table.add(std::string(500'000, 'x') + std::to_string(added++), 1);
  EXPECT_LT(added, 10);
}

TEST(SumTable, sorts_by_partition_and_then_by_bytes) {
  SumTable table(plenty);
  Random random(9);
  for (int i = 0; i < 5000; ++i) {
    std::string key;
    for (auto left = random.below(30); left > 0; --left) key += static_cast<char>(random.next());
    ASSERT_FALSE(table.full());
    table.add(key, 1);
  }
  const auto items = table.sort(7);
  for (std::size_t i = 1; i < items.size(); ++i) {
    const auto at = [&](std::size_t n) {
      return std::make_pair(items[n].partition, table.key(items[n]));
    };
    ASSERT_LT(at(i - 1), at(i));
    ASSERT_LT(items[i].partition, 7U);
    ASSERT_EQ(items[i].partition, partition_of(hash_key(table.key(items[i])), 7));
  }
}

TEST(KeyHash, spreads_similar_keys_evenly_over_partitions_and_slots) {
  constexpr int keys = 64'000;
  std::vector<int> partitions(8);
  std::vector<int> slots(64);
  for (int i = 0; i < keys; ++i) {
    const std::uint64_t hash = hash_key("word" + std::to_string(i));
    ++partitions[partition_of(hash, 8)];
    ++slots[hash % 64];
  }
  for (const int count : partitions) EXPECT_NEAR(count, keys / 8, keys / 80);
  for (const int count : slots) EXPECT_NEAR(count, keys / 64, keys / 320);
}

// ---- words -------------------------------------------------------------------------------------

std::vector<std::string> words_of(const std::string& text) {
  const std::string padded = text + std::string(word_block, 'p');
  std::vector<std::uint32_t> edges;
  for_each_word_edge(padded.data(), text.size(), [&](std::uint32_t at) { edges.push_back(at); });
  EXPECT_EQ(edges.size() % 2, 0U);
  std::vector<std::string> words;
  for (std::size_t i = 0; i + 1 < edges.size(); i += 2) {
    words.push_back(text.substr(edges[i], edges[i + 1] - edges[i]));
  }
  return words;
}

std::vector<std::string> reference_words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char byte : text + " ") {
    if (std::string_view(" \t\n\v\f\r").find(byte) == std::string_view::npos) {
      word += byte;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

TEST(Words, of_every_single_byte_are_what_isspace_says) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("a") + static_cast<char>(byte) + "b";
    EXPECT_EQ(words_of(text), reference_words(text)) << byte;
  }
}

TEST(Words, are_found_at_every_place_in_a_block) {
  for (std::size_t before = 0; before < 130; ++before) {
    for (std::size_t size = 0; size < 70; ++size) {
      const std::string text = std::string(before, ' ') + std::string(size, 'w');
      ASSERT_EQ(words_of(text), reference_words(text));
      ASSERT_EQ(words_of(text + "\n"), reference_words(text));
    }
  }
}

TEST(Words, of_random_texts_are_those_of_a_simple_loop) {
  Random random(17);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (auto left = random.below(400); left > 0; --left) {
      text +=
          random.chance(0.3) ? " \t\n\v\f\r"[random.below(6)] : static_cast<char>(random.next());
    }
    ASSERT_EQ(words_of(text), reference_words(text));
  }
}

}  // namespace
}  // namespace mesolite::hadoop

// Defends: what does not fit in memory goes to disk and comes back, the cache keeps what is used,
// and what is lost is made again.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "mesolite/data/file.hpp"
#include "tests/frameworks/mini-spark/contexts.hpp"

namespace mesolite::spark {
namespace {

Options small_options(std::uint64_t memory) {
  Options options;
  options.master = "local[2]";
  options.memory = memory;
  return options;
}

// Counts how often its partitions are computed.
RDD<std::int64_t> counted(SparkContext& context, Accumulator<std::uint64_t> computed) {
  return context.range(0, 10'000, 1, 4)
      .map_partitions([computed](std::span<const std::int64_t> all) {
        computed.add(1);
        return Numbers(all.begin(), all.end());
      });
}

TEST(Caching, a_cached_rdd_is_computed_once) {
  auto& context = local_context();
  const auto computed = context.accumulator<std::uint64_t>();
  const auto rdd = counted(context, computed);
  rdd.cache();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rdd.count(), 10'000U);
  EXPECT_EQ(computed.value(), 4U);
  rdd.unpersist();
  EXPECT_EQ(rdd.sum(), 49'995'000);
  EXPECT_EQ(computed.value(), 8U);
}

TEST(Caching, levels_with_disk_survive_a_memory_that_is_too_small) {
  SparkContext context(small_options(16'000));  // 8 KB for the cache, blocks have 20 KB
  for (const auto level : {StorageLevel::disk, StorageLevel::memory_and_disk}) {
    const auto computed = context.accumulator<std::uint64_t>();
    const auto rdd = counted(context, computed);
    rdd.persist(level);
    EXPECT_EQ(rdd.sum(), 49'995'000);
    EXPECT_EQ(rdd.sum(), 49'995'000);
    EXPECT_EQ(computed.value(), 4U);
  }
  const auto computed = context.accumulator<std::uint64_t>();
  const auto rdd = counted(context, computed);
  rdd.cache();
  EXPECT_EQ(rdd.sum(), 49'995'000);
  EXPECT_EQ(rdd.sum(), 49'995'000);
  EXPECT_EQ(computed.value(), 8U) << "there was no room, so lineage is used";
}

TEST(CacheStore, evicts_the_block_that_was_used_longest_ago) {
  auto scratch = data::ScratchDirectory::create(::testing::TempDir(), "mini-spark-test-");
  CacheStore store(scratch->path(), 100);
  const auto block = [](std::uint64_t memory) {
    auto made = std::make_shared<TypedBlock<int>>(RecordBuffer<int>());
    made->memory = memory;
    return made;
  };
  EXPECT_TRUE(store.put({1, 0}, StorageLevel::memory, block(40)));
  EXPECT_TRUE(store.put({2, 0}, StorageLevel::memory, block(40)));
  EXPECT_TRUE(store.find({1, 0}).block);
  EXPECT_TRUE(store.put({3, 0}, StorageLevel::memory, block(40)));
  EXPECT_FALSE(store.find({2, 0}).block);
  EXPECT_TRUE(store.find({1, 0}).block);
  const auto evicted = store.take_evicted();
  ASSERT_EQ(evicted.size(), 1U);
  EXPECT_EQ(evicted[0], (CachedPartition{2, 0, 40, 0}));
  EXPECT_TRUE(store.take_evicted().empty()) << "it is told once";
  EXPECT_FALSE(store.put({4, 0}, StorageLevel::memory, block(101)));
  EXPECT_TRUE(store.put({4, 1}, StorageLevel::disk, block(101)));
  EXPECT_TRUE(store.find({4, 1}).file);
  store.drop(1);
  EXPECT_FALSE(store.find({1, 0}).block);
}

TEST(Spilling, shuffles_sorts_and_groups_of_any_size_finish_in_little_memory) {
  SparkContext context(small_options(400'000));  // 50 KB for a task
  const auto pairs = random_pairs(60'000, 9'000, 5);
  const auto rdd = context.parallelize(pairs, 5);
  std::map<std::int64_t, std::int64_t> sums;
  for (const auto& [key, value] : pairs) sums[key] += value;
  EXPECT_EQ(
      sorted(rdd.reduce_by_key([](std::int64_t a, std::int64_t b) { return a + b; }, 3).collect()),
      NumberPairs(sums.begin(), sums.end()));
  std::uint64_t values = 0;
  const auto groups =
      rdd.map([](const NumberPair& pair) {
           return std::pair("key " + std::to_string(pair.first), std::to_string(pair.second));
         })
          .group_by_key(3)
          .collect();
  for (const auto& [key, group] : groups) values += group.size();
  EXPECT_EQ(groups.size(), sums.size());
  EXPECT_EQ(values, pairs.size());
  EXPECT_EQ(rdd.sort_by([](const NumberPair& pair) { return pair; }, true, 2).collect(),
            sorted(pairs));
  EXPECT_EQ(sorted(rdd.repartition(3).collect()), sorted(pairs));
}

TEST(Spilling, joins_of_any_size_finish_in_little_memory) {
  SparkContext context(small_options(400'000));  // 50 KB for a task
  const auto lefts = random_pairs(30'000, 5'000, 6);
  const auto rights = random_pairs(20'000, 7'000, 8);
  std::map<std::int64_t, std::pair<Numbers, Numbers>> groups;
  for (const auto& [key, value] : lefts) groups[key].first.push_back(value);
  for (const auto& [key, value] : rights) groups[key].second.push_back(value);
  NumberPairs joined;
  for (auto& [key, group] : groups) {
    for (const auto left : group.first) {
      for (const auto right : group.second) joined.emplace_back(left, right);
    }
    std::sort(group.first.begin(), group.first.end());
    std::sort(group.second.begin(), group.second.end());
  }
  const auto left = context.parallelize(lefts, 3);
  const auto right = context.parallelize(rights, 2);
  EXPECT_EQ(sorted(left.join(right, 2).values().collect()), sorted(joined));
  auto found = groups;
  found.clear();
  for (const auto& [key, group] : left.cogroup(right, 2).collect()) {
    EXPECT_FALSE(found.contains(key));
    found[key] = {sorted(group.first), sorted(group.second)};
  }
  EXPECT_EQ(found, groups);
}

TEST(OutputPart, leaves_nothing_of_an_attempt_that_does_not_finish) {
  auto scratch = data::ScratchDirectory::create(::testing::TempDir(), "mini-spark-test-");
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(scratch->path())) {
      names.push_back(entry.path().filename().string());
    }
    return sorted(names);
  };
  for (const bool ends_well : {false, true}) {
    OutputPart part(scratch->path(), 3, 17);
    std::ofstream(part.path()) << "text";
    EXPECT_EQ(files(), std::vector<std::string>{"_part-00003.17"});
    if (ends_well) part.finish();
  }
  EXPECT_EQ(files(), std::vector<std::string>{"part-00003"});
}

struct Point {
  double x = 0;
  std::string name;
  MESOLITE_FIELDS(x, name);
};

TEST(Printing, shows_numbers_so_that_they_can_be_read_back_and_structures_as_spark_does) {
  const auto printed = [](const auto& record) {
    std::string text;
    print_record(text, record);
    return text;
  };
  EXPECT_EQ(printed(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(printed(std::uint8_t{200}), "200");
  EXPECT_EQ(printed(true), "true");
  EXPECT_EQ(printed('c'), "c");
  EXPECT_EQ(printed(std::pair(std::string("a"), Numbers{1, -2})), "(a,[1, -2])");
  EXPECT_EQ(printed(std::tuple(1, Numbers{}, std::optional<int>())), "(1,[],none)");
  EXPECT_EQ(printed(Point{0.5, "here"}), "(0.5,here)");
}

TEST(ChunkFile, gives_back_chunks_of_any_size_and_notices_damage) {
  auto scratch = data::ScratchDirectory::create(::testing::TempDir(), "mini-spark-test-");
  const std::vector<std::string> chunks{"a", std::string(100'000, 'b'), ""};
  std::string read;
  ChunkFile file(scratch->file("chunks"));
  std::vector<ByteRange> ranges;
  for (const std::string& chunk : chunks) ranges.push_back(file.append(chunk));
  file.finish();
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    file.read(ranges[i], [&](std::string_view chunk) { EXPECT_EQ(chunk, chunks[i]); });
  }
  file.read_all([&](std::string_view chunk) { read += chunk; });
  EXPECT_EQ(read, chunks[0] + chunks[1]);
  EXPECT_THROW(file.read({1, 40}, [](std::string_view) {}), TaskFailure);
  EXPECT_THROW(file.read({0, ranges[0].length - 1}, [](std::string_view) {}), TaskFailure);
}

TEST(Checkpoint, cuts_the_lineage) {
  auto scratch = data::ScratchDirectory::create(::testing::TempDir(), "mini-spark-test-");
  auto& context = local_context();
  context.set_checkpoint_directory(scratch->path());
  const auto rdd = context.range(0, 100, 1, 3).map([](std::int64_t x) { return x * x; });
  const auto checkpointed = rdd.checkpoint();
  EXPECT_EQ(checkpointed.collect(), rdd.collect());
  EXPECT_EQ(checkpointed.to_debug_string().find("range"), std::string::npos);
}

TEST(Shared, broadcast_values_and_lineage_texts) {
  auto& context = local_context();
  const auto table = context.broadcast(std::vector<std::string>{"zero", "one", "two"});
  const auto words = context.range(0, 3, 1, 2).map([table](std::int64_t i) {
    return (*table)[static_cast<std::size_t>(i)];
  });
  EXPECT_EQ(words.collect(), (std::vector<std::string>{"zero", "one", "two"}));
  const auto counts = words.map([](const std::string& word) { return std::pair(word, 1); })
                          .reduce_by_key([](int a, int b) { return a + b; });
  EXPECT_NE(counts.to_debug_string().find("reduce_by_key"), std::string::npos);
  EXPECT_NE(counts.explain().find("stage 2: action on reduce_by_key, 2 tasks, reads shuffle #"),
            std::string::npos)
      << counts.explain();
  table.destroy();
  EXPECT_THROW(words.count(), SparkError);
}

TEST(Shared, a_lineage_with_many_ways_back_is_told_in_few_lines) {
  auto rdd = local_context().range(0, 10, 1, 2);
  for (int i = 0; i < 40; ++i) {
    rdd = rdd.zip(rdd).map([](const NumberPair& pair) { return pair.first; });
  }
  const std::string text = rdd.to_debug_string();
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 200);
  EXPECT_NE(text.find(", see above"), std::string::npos);
}

}  // namespace
}  // namespace mesolite::spark

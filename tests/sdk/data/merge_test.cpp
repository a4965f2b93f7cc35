// Defends: a merge is sorted, complete and stable for any number of runs, and reports damage.
#include "mesolite/data/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "mesolite/base/random.hpp"
#include "tests/sdk/data/scratch.hpp"

namespace mesolite::data {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

class Merge : public ScratchTest {
 protected:
  // Writes the pairs of each run as they are and opens them all.
  std::vector<std::unique_ptr<RunReader>> open_runs(const std::vector<Pairs>& runs) {
    const auto path = file("runs");
    auto writer = SpillWriter::create(path, {.frame_size = 256}).value();
    std::vector<SpillRun> ended;
    for (const Pairs& pairs : runs) {
      for (const auto& [key, value] : pairs) EXPECT_TRUE(writer->append(key, value));
      ended.push_back(writer->end_run().value());
    }
    EXPECT_TRUE(writer->close());
    const auto shared = std::make_shared<const File>(File::open(path).value());
    std::vector<std::unique_ptr<RunReader>> readers;
    for (const SpillRun& run : ended) {
      readers.push_back(
          std::make_unique<RunReader>(file_source(shared, run), run.length, run.records));
    }
    return readers;
  }

  static Pairs drain(Merger& merger) {
    Pairs pairs;
    while (merger.next().value()) pairs.emplace_back(merger.key(), merger.value());
    return pairs;
  }
};

bool by_key(const std::pair<std::string, std::string>& a,
            const std::pair<std::string, std::string>& b) {
  return a.first < b.first;
}

// Short keys over a tiny alphabet with NUL and 0xff: ties, prefixes of each other, unsigned order.
std::string random_key(Random& random) {
  constexpr std::string_view alphabet(
      "\0\x01"
      "a\xff",
      4);
  std::string key;
  for (auto left = random.below(12); left > 0; --left) key += alphabet[random.below(4)];
  return key;
}

TEST_F(Merge, any_number_of_runs_becomes_what_a_stable_sort_makes_of_them) {
  Random random(7);
  for (std::size_t count = 0; count <= 33; ++count) {
    std::vector<Pairs> runs(count);
    Pairs expected;
    for (std::size_t run = 0; run < count; ++run) {
      for (auto left = random.below(40); left > 0; --left) {
        runs[run].emplace_back(random_key(random),
                               std::to_string(run) + "/" + std::to_string(left));
      }
      std::stable_sort(runs[run].begin(), runs[run].end(), by_key);
      expected.insert(expected.end(), runs[run].begin(), runs[run].end());
    }
    std::stable_sort(expected.begin(), expected.end(), by_key);
    Merger merger(open_runs(runs));
    EXPECT_EQ(drain(merger), expected) << count << " runs";
  }
}

TEST_F(Merge, a_comparison_of_the_callers_own_decides_the_order) {
  const std::vector<Pairs> runs = {{{"9", "a"}, {"100", "b"}}, {{"20", "c"}, {"1000", "d"}}};
  Merger merger(open_runs(runs), [](std::string_view a, std::string_view b) {
    return a.size() != b.size() ? (a.size() < b.size() ? -1 : 1) : a.compare(b);
  });
  EXPECT_EQ(drain(merger), (Pairs{{"9", "a"}, {"20", "c"}, {"100", "b"}, {"1000", "d"}}));
}

TEST_F(Merge, a_damaged_run_ends_the_merge_with_its_error) {
  auto runs = open_runs({{{"a", "1"}}, {{"b", "2"}}});
  runs.push_back(std::make_unique<RunReader>(memory_source("broken", "nonsense"), 8, 1));
  Merger merger(std::move(runs));
  const auto first = merger.next();
  ASSERT_FALSE(first);
  EXPECT_NE(first.error().message.find("run 'broken' is damaged"), std::string::npos);
  EXPECT_FALSE(merger.next().value());
}

TEST(KeyPrefix, orders_like_the_bytes_themselves) {
  EXPECT_LT(key_prefix(""), key_prefix("a"));
  EXPECT_LT(key_prefix("a"), key_prefix("ab"));
  EXPECT_LT(key_prefix("\x7f"), key_prefix("\x80"));
  EXPECT_EQ(key_prefix("abcdefgh"), key_prefix("abcdefghi"));
}

}  // namespace
}  // namespace mesolite::data

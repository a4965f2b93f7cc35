#include "tests/frameworks/mini-spark/local_context.hpp"

#include "mesolite/base/random.hpp"

namespace mesolite::spark {

SparkContext& local_context() {
  static SparkContext context([] {
    Options options;
    options.master = "local[2]";
    options.quiet = true;
    return options;
  }());
  return context;
}

Numbers random_numbers(std::size_t count, std::int64_t bound, std::uint64_t seed) {
  Random random(seed);
  Numbers numbers;
  for (std::size_t i = 0; i < count; ++i) {
    numbers.push_back(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(bound))));
  }
  return numbers;
}

NumberPairs random_pairs(std::size_t count, std::int64_t keys, std::uint64_t seed) {
  const Numbers first = random_numbers(count, keys, seed);
  const Numbers second = random_numbers(count, 1'000'000, seed + 1);
  NumberPairs pairs;
  for (std::size_t i = 0; i < count; ++i) pairs.emplace_back(first[i], second[i]);
  return pairs;
}

}  // namespace mesolite::spark

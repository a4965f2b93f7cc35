// Random: a small seeded generator (xoshiro256**, Blackman and Vigna 2018). Equal seeds give equal
// numbers on every platform, which std::uniform_int_distribution does not promise.
#pragma once

#include <cstdint>

namespace mesolite {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint64_t next();
  // Uniform in [0, bound). REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [0, 1).
  double unit();
  bool chance(double probability) { return unit() < probability; }

 private:
  std::uint64_t state_[4];
};

// A seed from the operating system's entropy, for processes that are not being replayed.
std::uint64_t random_seed();

}  // namespace mesolite

#include "mesolite/base/random.hpp"

#include <unistd.h>

#include <bit>

#include "mesolite/base/check.hpp"

namespace mesolite {
namespace {

__extension__ using Uint128 = unsigned __int128;

// splitmix64, which the authors of xoshiro recommend to spread a seed over its state: it never
// leaves the state all zero, from which the generator could not move.
std::uint64_t spread(std::uint64_t& seed) {
  seed += 0x9E3779B97F4A7C15ULL;
  std::uint64_t mixed = seed;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
  return mixed ^ (mixed >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = spread(seed);
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) {
  MESOLITE_CHECK(bound > 0, "a range to draw from is not empty");
  // Lemire, "Fast random integer generation in an interval" (2019): the high half of the product
  // is the answer; the few low halves that would favour some answers are drawn again.
  Uint128 product = Uint128{next()} * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t unfair = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < unfair) product = Uint128{next()} * bound;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Random::unit() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  const int failed = ::getentropy(&seed, sizeof seed);
  MESOLITE_CHECK(failed == 0, "the operating system gives eight bytes of entropy");
  return seed;
}

}  // namespace mesolite

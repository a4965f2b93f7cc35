// Merger: many sorted runs as one sorted stream, by a tournament tree of losers (Knuth, The Art of
// Computer Programming, volume 3, 5.4.1): one comparison per level and record.
//
// Stable: records with equal keys come in the order of their runs, and within a run in its order.
// Streaming: holds one frame per run. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"
#include "mesolite/data/spill.hpp"

namespace mesolite::data {

// Negative, zero or positive as `left` comes before, equals or comes after `right`.
using KeyComparison = int (*)(std::string_view left, std::string_view right);

// The first eight bytes of `key` as a big-endian number, padded with zeros: where these differ they
// order two keys like memcmp does, so most comparisons are one of integers.
std::uint64_t key_prefix(std::string_view key);

class Merger {
 public:
  // Without a comparison, keys are ordered as unsigned bytes (memcmp, then the shorter first).
  // REQUIRES: each run is sorted by that order.
  explicit Merger(std::vector<std::unique_ptr<RunReader>> runs, KeyComparison comparison = nullptr);

  // Moves to the next record of all runs; false at the end. After an error the merger is done.
  Result<bool> next();

  // Valid until the next call of next(). REQUIRES: next() answered true.
  std::string_view key() const { return runs_[winner_]->key(); }
  std::string_view value() const { return runs_[winner_]->value(); }

 private:
  Status start();
  Status advance(std::uint32_t run);
  bool before(std::uint32_t left, std::uint32_t right) const;
  void replay(std::uint32_t run);

  std::vector<std::unique_ptr<RunReader>> runs_;
  KeyComparison comparison_;
  std::vector<std::uint64_t> prefixes_;  // of each run's current key
  std::vector<char> exhausted_;
  // losers_[n]: the run that lost at inner node n of the tree; run i is leaf runs_.size() + i, the
  // parent of node n is n / 2, the root is 1.
  std::vector<std::uint32_t> losers_;
  std::uint32_t winner_ = 0;
  bool started_ = false;
};

}  // namespace mesolite::data

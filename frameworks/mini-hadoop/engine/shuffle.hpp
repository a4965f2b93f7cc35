// Shuffle: a reduce task gathers its partition of all map outputs from the executors that hold
// them, and hands them on as sorted runs.
//
// What fits into the memory allowed is kept there; when it is full, what is there is merged into
// one run on disk. Large outputs go to disk at once, and those of this very executor are read where
// they lie. The runs come in the order of their maps unless memory was short: jobs do not rely on
// it.
//
// Used by one thread; the feed is fed by others.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/api/counters.hpp"
#include "mesolite/data/block_client.hpp"
#include "mesolite/data/merge.hpp"
#include "mesolite/data/spill.hpp"

namespace mesolite::hadoop {

// Where the reduce's partition of one map's output can be fetched.
struct MapOutputRef {
  std::uint32_t map = 0;
  std::uint32_t attempt = 0;
  std::string host;  // of the block server; empty if there are no records
  std::string block;
  std::uint64_t length = 0;
  std::uint64_t records = 0;
};

class MapOutputFeed {
 public:
  virtual ~MapOutputFeed() = default;
  // [task thread] Waits for an output of a map that was not given yet, or whose loss was reported
  // and that has been made again. Nothing: stop was asked for.
  virtual std::optional<MapOutputRef> next(const std::stop_token& stop) = 0;
  // [task thread] This output cannot be had.
  virtual void report_lost(const MapOutputRef& output, const data::FetchError& error) = 0;
};

struct ShuffleOptions {
  std::uint32_t maps = 0;
  std::size_t memory = 0;      // bytes of fetched blocks kept in memory
  std::string scratch_prefix;  // of the paths of the files that it may make
  data::BlockClientOptions client;
  data::KeyComparison comparison = nullptr;
  // The blocks of this executor and the host under which it serves them; may be none.
  const data::BlockServer* own_blocks = nullptr;
  std::string own_host;
};

class Shuffle {
 public:
  Shuffle(ShuffleOptions options, Counters& counters);
  ~Shuffle();
  Shuffle(const Shuffle&) = delete;
  Shuffle& operator=(const Shuffle&) = delete;

  // One run for each map that has records in this partition, or fewer. The runs need the Shuffle
  // (its files) until they are read.
  Result<std::vector<std::unique_ptr<data::RunReader>>> gather(MapOutputFeed& feed,
                                                               const std::stop_token& stop);

 private:
  struct Kept {
    std::uint32_t map = 0;
    std::uint64_t records = 0;
    std::string bytes;
  };
  struct OnDisk {
    std::uint32_t map = 0;
    std::string path;
    data::SpillRun run;
  };
  using Runs = std::vector<std::unique_ptr<data::RunReader>>;

  // Whether the block came; a loss is reported to the feed and is no failure.
  Result<bool> fetch(const MapOutputRef& output, MapOutputFeed& feed, const std::stop_token& stop);
  tl::expected<void, data::FetchError> fetch_to_memory(const MapOutputRef& output,
                                                       const std::stop_token& stop);
  tl::expected<void, data::FetchError> fetch_to_disk(const MapOutputRef& output,
                                                     const std::stop_token& stop);
  // Where the output lies if it is one of this executor's own.
  std::optional<data::BlockLocation> own_place(const MapOutputRef& output) const;
  // Takes such an output without the network; false if it is to be fetched as all others are.
  bool take_own(const MapOutputRef& output);
  Status merge_to_disk();
  Status merge_small_runs();
  Runs open_kept();
  Status open_on_disk(std::vector<OnDisk> files, Runs& runs);
  Status write_merged(Runs runs);
  std::string next_path();

  ShuffleOptions options_;
  Counters& counters_;
  data::BlockClient client_;
  std::vector<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::vector<OnDisk> on_disk_;
  std::vector<std::string> files_;
};

}  // namespace mesolite::hadoop

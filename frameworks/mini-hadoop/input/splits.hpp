// Splits: how the input is shared out among map tasks. Pure.
//
// A split is a list of pieces of files, so that many small files make one task; a large file is cut
// at multiples of the split size, wherever they fall: which records belong to a piece is the
// reader's business (text_source.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "mesolite/protocol/codec.hpp"

namespace mesolite::hadoop {

struct Piece {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  MESOLITE_FIELDS(path, offset, length);
};

struct Split {
  std::vector<Piece> pieces;
  std::vector<std::string> hosts = {};  // that have most of it, the best first; none: no matter
  MESOLITE_FIELDS(pieces, hosts);

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const Piece& piece : pieces) sum += piece.length;
    return sum;
  }
};

struct SplitOptions {
  std::uint64_t size = 0;                                   // bytes; 0 = chosen by split_size_for
  std::uint64_t memory = std::uint64_t{256} << 20;          // of a task
  std::function<bool(const std::string& path)> splittable;  // none: each file may be cut
  std::size_t pieces_max = 10'000;  // in one split: they travel in one message
};

inline constexpr std::uint64_t splits_max = 1'000'000;  // of a stage
inline constexpr std::uint64_t split_size_min = std::uint64_t{4} << 20;

// Large enough that a task's fixed cost does not count, small enough that a few executors share the
// work evenly, that what a lost one has to do again is little, and that a task's memory suffices.
std::uint64_t split_size_for(std::uint64_t bytes_total, std::uint64_t memory);

// Why these files cannot be shared out so, if they cannot: there would be too many splits.
Status check_splits(const std::vector<FileEntry>& files, const SplitOptions& options);

// Every byte of every file in exactly one piece, in order; empty files give none.
std::vector<Split> make_splits(const std::vector<FileEntry>& files, const SplitOptions& options);

// Asks where the files lie and notes the hosts of each split. That is a hint: after a failure,
// which is answered, the splits have those that were known by then, and none is as good as any.
Status add_hosts(std::vector<Split>& splits, const std::vector<FileEntry>& files,
                 const FileSystem& storage);

}  // namespace mesolite::hadoop

#include "frameworks/mini-hadoop/input/splits.hpp"

#include <algorithm>
#include <utility>

namespace mesolite::hadoop {
namespace {

constexpr std::uint64_t split_size_max = std::uint64_t{128} << 20;
constexpr std::uint64_t splits_wanted = 8;

}  // namespace

std::uint64_t split_size_for(std::uint64_t bytes_total, std::uint64_t memory) {
  // What a map makes of half as much as its memory is likely to fit: then it spills once.
  const std::uint64_t most = std::clamp(memory / 2, split_size_min, split_size_max);
  return std::clamp((bytes_total + splits_wanted - 1) / splits_wanted, split_size_min, most);
}

std::vector<Split> make_splits(const std::vector<FileEntry>& files, const SplitOptions& options) {
  std::uint64_t bytes_total = 0;
  for (const FileEntry& file : files) bytes_total += file.size;
  const std::uint64_t size =
      options.size > 0 ? options.size : split_size_for(bytes_total, options.memory);

  std::vector<Split> splits;
  Split open;
  std::uint64_t open_bytes = 0;
  const auto close_open = [&] {
    if (!open.pieces.empty()) splits.push_back(std::exchange(open, {}));
    open_bytes = 0;
  };
  for (const FileEntry& file : files) {
    const bool splittable = !file.whole && (!options.splittable || options.splittable(file.path));
    const std::uint64_t piece_size = splittable ? size : file.size;
    for (std::uint64_t offset = 0; offset < file.size; offset += piece_size) {
      const std::uint64_t length = std::min(piece_size, file.size - offset);
      if (open_bytes + length > size || open.pieces.size() >= options.pieces_max) close_open();
      open.pieces.push_back({file.path, offset, length});
      open_bytes += length;
    }
  }
  close_open();
  return splits;
}

}  // namespace mesolite::hadoop

#include "frameworks/mini-hadoop/input/splits.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace mesolite::hadoop {
namespace {

constexpr std::uint64_t split_size_max = std::uint64_t{128} << 20;
constexpr std::uint64_t splits_wanted = 8;
constexpr std::size_t hosts_max = 3;              // of a split, as HDFS keeps three copies
constexpr std::size_t files_asked_about = 1'000;  // each is a request to the name node

std::uint64_t bytes_of(const std::vector<FileEntry>& files) {
  std::uint64_t sum = 0;
  for (const FileEntry& file : files) sum += file.size;
  return sum;
}

using Placements = std::map<std::string, std::vector<Placement>>;  // by path

// The hosts that have the most bytes of the split, the best first.
std::vector<std::string> hosts_of(const Split& split, const Placements& placements) {
  std::map<std::string, std::uint64_t> bytes;
  for (const Piece& piece : split.pieces) {
    const auto known = placements.find(piece.path);
    if (known == placements.end()) continue;
    for (const Placement& part : known->second) {
      const std::uint64_t begin = std::max(piece.offset, part.offset);
      const std::uint64_t end = std::min(piece.offset + piece.length, part.offset + part.length);
      if (begin >= end) continue;
      for (const std::string& host : part.hosts) bytes[host] += end - begin;
    }
  }
  std::vector<std::string> hosts;
  for (const auto& [host, held] : bytes) hosts.push_back(host);
  std::stable_sort(hosts.begin(), hosts.end(),
                   [&](const std::string& a, const std::string& b) { return bytes[a] > bytes[b]; });
  if (hosts.size() > hosts_max) hosts.resize(hosts_max);
  return hosts;
}

}  // namespace

std::uint64_t split_size_for(std::uint64_t bytes_total, std::uint64_t memory) {
  // What a map makes of half as much as its memory is likely to fit: then it spills once.
  const std::uint64_t most = std::clamp(memory / 2, split_size_min, split_size_max);
  return std::clamp((bytes_total + splits_wanted - 1) / splits_wanted, split_size_min, most);
}

Status check_splits(const std::vector<FileEntry>& files, const SplitOptions& options) {
  if (options.size == 0 || bytes_of(files) / options.size <= splits_max) return {};
  return failure(std::to_string(bytes_of(files)) + " bytes of input in splits of " +
                 std::to_string(options.size) + " are too many tasks: there may be " +
                 std::to_string(splits_max));
}

std::vector<Split> make_splits(const std::vector<FileEntry>& files, const SplitOptions& options) {
  const std::uint64_t bytes_total = bytes_of(files);
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

Status add_hosts(std::vector<Split>& splits, const std::vector<FileEntry>& files,
                 const FileSystem& storage) {
  Placements placements;
  Status asked;
  for (std::size_t i = 0; asked && i < std::min(files.size(), files_asked_about); ++i) {
    auto known = storage.placements(files[i]);
    if (!known) {
      asked = failure("cannot ask where '" + files[i].path + "' lies", known.error());
    } else if (!known->empty()) {
      placements[files[i].path] = std::move(*known);
    }
  }
  if (placements.empty()) return asked;
  for (Split& split : splits) split.hosts = hosts_of(split, placements);
  return asked;
}

}  // namespace mesolite::hadoop

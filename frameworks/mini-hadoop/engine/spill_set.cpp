#include "frameworks/mini-hadoop/engine/spill_set.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "mesolite/base/check.hpp"
#include "mesolite/data/file.hpp"

namespace mesolite::hadoop {
namespace {

// More runs at once would take more memory for their frames than a small budget has.
constexpr std::size_t merge_width_max = 16;

void remove_file(const std::string& path) {
  std::error_code ignored;  // what cannot be removed goes with the scratch directory
  std::filesystem::remove(path, ignored);
}

}  // namespace

SpillSet::~SpillSet() {
  for (const MapOutput& spill : spills_) remove_file(spill.path);
}

Result<MapOutput> SpillSet::write_file(const WritePartition& write_partition) {
  const std::string path = path_prefix_ + ".spill" + std::to_string(files_made_++);
  auto writer = data::SpillWriter::create(path);
  if (!writer) return tl::unexpected(writer.error());
  MapOutput output{path, {}};
  for (std::uint32_t partition = 0; partition < partitions_; ++partition) {
    if (auto written = write_partition(partition, **writer); !written) {
      remove_file(path);
      return tl::unexpected(written.error());
    }
    const auto run = (*writer)->end_run();
    if (!run) return tl::unexpected(run.error());
    records_ += run->records;
    output.runs.push_back(*run);
  }
  if (auto closed = (*writer)->close(); !closed) return tl::unexpected(closed.error());
  return output;
}

Status SpillSet::spill(const WritePartition& write_partition) {
  auto output = write_file(write_partition);
  if (!output) return tl::unexpected(output.error());
  spills_.push_back(std::move(*output));
  return {};
}

Result<data::Merger> SpillSet::open_merge(std::uint32_t partition, std::size_t count) const {
  std::vector<std::unique_ptr<data::RunReader>> runs;
  for (std::size_t i = 0; i < count; ++i) {
    const data::SpillRun& run = spills_[i].runs[partition];
    auto file = data::File::open(spills_[i].path);
    if (!file) return tl::unexpected(file.error());
    auto source = file_source(std::make_shared<const data::File>(std::move(*file)), run);
    runs.push_back(std::make_unique<data::RunReader>(std::move(source), run.length, run.records));
  }
  return data::Merger(std::move(runs), comparison_);
}

// Puts one spill in the place of the first ones, so that equal keys keep their order.
Status SpillSet::merge_first(std::size_t count, const MergePartition& merge_partition) {
  auto merged = write_file([&](std::uint32_t partition, data::SpillWriter& writer) -> Status {
    auto merger = open_merge(partition, count);
    if (!merger) return tl::unexpected(merger.error());
    return merge_partition(*merger, writer);
  });
  if (!merged) return tl::unexpected(merged.error());
  const auto end = spills_.begin() + static_cast<std::ptrdiff_t>(count);
  std::for_each(spills_.begin(), end, [](const MapOutput& spill) { remove_file(spill.path); });
  spills_.front() = std::move(*merged);
  spills_.erase(spills_.begin() + 1, end);
  return {};
}

Result<MapOutput> SpillSet::finish(const MergePartition& merge_partition) {
  MESOLITE_CHECK(!spills_.empty(), "an output is made of at least one spill");
  while (spills_.size() > 1) {
    const std::size_t count = std::min(spills_.size(), merge_width_max);
    if (auto merged = merge_first(count, merge_partition); !merged) {
      return tl::unexpected(merged.error());
    }
  }
  return std::exchange(spills_, {}).front();
}

}  // namespace mesolite::hadoop

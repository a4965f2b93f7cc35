#include "frameworks/mini-hadoop/engine/spill_set.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

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

Result<MapOutput> SpillSet::write_runs(data::SpillWriter& writer,
                                       const WritePartition& write_partition) {
  MapOutput output{writer.path(), {}};
  for (std::uint32_t partition = 0; partition < partitions_; ++partition) {
    const Status written = write_partition(partition, writer);
    if (!written) return tl::unexpected(written.error());
    const auto run = writer.end_run();
    if (!run) return tl::unexpected(run.error());
    records_ += run->records;
    output.runs.push_back(*run);
  }
  if (auto closed = writer.close(); !closed) return tl::unexpected(closed.error());
  return output;
}

Result<MapOutput> SpillSet::write(Result<Writer> writer, const WritePartition& write_partition) {
  if (!writer) return tl::unexpected(writer.error());
  const std::uint64_t begin = (*writer)->run_offset();
  auto output = write_runs(**writer, write_partition);
  if (output) return output;
  std::error_code ignored;  // what cannot be removed goes with the scratch directory
  std::filesystem::resize_file((*writer)->path(), begin, ignored);
  return output;
}

Status SpillSet::spill(const WritePartition& write_partition) {
  auto output = write(data::SpillWriter::create(next_path()), write_partition);
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
  const auto merge = [&](std::uint32_t partition, data::SpillWriter& writer) -> Status {
    auto merger = open_merge(partition, count);
    if (!merger) return tl::unexpected(merger.error());
    return merge_partition(*merger, writer);
  };
  auto merged = write(data::SpillWriter::create(next_path()), merge);
  if (!merged) return tl::unexpected(merged.error());
  const auto end = spills_.begin() + static_cast<std::ptrdiff_t>(count);
  std::for_each(spills_.begin(), end, [](const MapOutput& spill) { remove_file(spill.path); });
  spills_.front() = std::move(*merged);
  spills_.erase(spills_.begin() + 1, end);
  return {};
}

Result<MapOutput> SpillSet::finish(const WritePartition& write_rest,
                                   const MergePartition& merge_partition) {
  if (spills_.empty()) return write(data::SpillWriter::append_to(outputs_file_), write_rest);
  if (auto spilled = spill(write_rest); !spilled) return tl::unexpected(spilled.error());
  while (spills_.size() > 1) {
    const std::size_t count = std::min(spills_.size(), merge_width_max);
    if (auto merged = merge_first(count, merge_partition); !merged) {
      return tl::unexpected(merged.error());
    }
  }
  return std::exchange(spills_, {}).front();
}

}  // namespace mesolite::hadoop

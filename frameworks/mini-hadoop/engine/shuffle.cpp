#include "frameworks/mini-hadoop/engine/shuffle.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace mesolite::hadoop {
namespace {

// A block larger than this share of the memory goes straight to disk, as in Hadoop.
constexpr std::size_t large_block_share = 4;
// More runs on disk than this are merged into one before the reduce.
constexpr std::size_t on_disk_max = 32;

// What the job can do nothing about by making the output again.
bool ends_the_task(data::FetchCause cause) {
  return cause == data::FetchCause::stopped || cause == data::FetchCause::not_kept ||
         cause == data::FetchCause::wrong_token;
}

}  // namespace

Shuffle::Shuffle(ShuffleOptions options, Counters& counters)
    : options_(std::move(options)), counters_(counters), client_(options_.client) {}

Shuffle::~Shuffle() {
  std::error_code ignored;  // what cannot be removed goes with the scratch directory
  for (const std::string& file : files_) std::filesystem::remove(file, ignored);
}

Result<std::vector<std::unique_ptr<data::RunReader>>> Shuffle::gather(MapOutputFeed& feed,
                                                                      const std::stop_token& stop) {
  for (std::uint32_t taken = 0; taken < options_.maps;) {
    const auto output = feed.next(stop);
    if (!output) return failure("stopped");
    const auto came = output->records == 0 ? Result<bool>(true) : fetch(*output, feed, stop);
    if (!came) return tl::unexpected(came.error());
    taken += *came ? 1 : 0;
  }
  std::sort(kept_.begin(), kept_.end(), [](const Kept& a, const Kept& b) { return a.map < b.map; });
  auto runs = open_kept();
  if (auto opened = open_on_disk(on_disk_.size(), runs); !opened) {
    return tl::unexpected(opened.error());
  }
  return runs;
}

Result<bool> Shuffle::fetch(const MapOutputRef& output, MapOutputFeed& feed,
                            const std::stop_token& stop) {
  const bool large = output.length > options_.memory / large_block_share;
  if (!large && kept_bytes_ + output.length > options_.memory) {
    if (auto merged = merge_to_disk(); !merged) return tl::unexpected(merged.error());
  }
  const data::BlockAddress address{output.host, output.block, output.length};
  tl::expected<void, data::FetchError> fetched;
  if (large) {
    auto on_disk = fetch_to_disk(output, address, stop);
    if (on_disk) on_disk_.push_back(std::move(*on_disk));
    if (!on_disk) fetched = tl::unexpected(on_disk.error());
  } else {
    Kept kept{output.map, output.records, {}};
    const auto keep = [&](std::string_view bytes) {
      kept.bytes.append(bytes);
      return Status{};
    };
    fetched = client_.fetch(address, keep, stop);
    if (fetched) {
      kept_bytes_ += kept.bytes.size();
      kept_.push_back(std::move(kept));
    }
  }
  if (!fetched) {
    if (ends_the_task(fetched.error().cause)) return failure(fetched.error().message());
    feed.report_lost(output, fetched.error());
    return false;
  }
  counters_.add(counter::shuffle_bytes, output.length);
  counters_.add(counter::shuffle_blocks, 1);
  if (on_disk_.size() > on_disk_max) {
    std::vector<std::unique_ptr<data::RunReader>> runs;
    const Status merged = open_on_disk(on_disk_.size(), runs).and_then([&] {
      on_disk_.clear();
      return write_merged(std::move(runs));
    });
    if (!merged) return tl::unexpected(merged.error());
  }
  return true;
}

tl::expected<Shuffle::OnDisk, data::FetchError> Shuffle::fetch_to_disk(
    const MapOutputRef& output, const data::BlockAddress& address, const std::stop_token& stop) {
  const auto not_kept = [&](const Error& error) {
    return tl::unexpected<data::FetchError>(
        data::FetchError{data::FetchCause::not_kept, address.host, address.block, error.message});
  };
  auto file = data::File::create(next_path());
  if (!file) return not_kept(file.error());
  const auto fetched = client_.fetch(
      address, [&](std::string_view bytes) { return file->write(bytes); }, stop);
  if (!fetched) return tl::unexpected(fetched.error());
  if (auto closed = file->close(); !closed) return not_kept(closed.error());
  return OnDisk{file->path(), {.length = output.length, .records = output.records}};
}

std::vector<std::unique_ptr<data::RunReader>> Shuffle::open_kept() {
  std::vector<std::unique_ptr<data::RunReader>> runs;
  for (Kept& kept : kept_) {
    const std::uint64_t length = kept.bytes.size();
    auto source = data::memory_source("map " + std::to_string(kept.map), std::move(kept.bytes));
    runs.push_back(std::make_unique<data::RunReader>(std::move(source), length, kept.records));
  }
  kept_.clear();
  kept_bytes_ = 0;
  return runs;
}

Status Shuffle::open_on_disk(std::size_t count,
                             std::vector<std::unique_ptr<data::RunReader>>& runs) {
  for (std::size_t i = 0; i < count; ++i) {
    const OnDisk& each = on_disk_[i];
    auto file = data::File::open(each.path);
    if (!file) return tl::unexpected(file.error());
    auto source = file_source(std::make_shared<const data::File>(std::move(*file)), each.run);
    runs.push_back(
        std::make_unique<data::RunReader>(std::move(source), each.run.length, each.run.records));
  }
  return {};
}

Status Shuffle::merge_to_disk() {
  return write_merged(open_kept());
}

Status Shuffle::write_merged(std::vector<std::unique_ptr<data::RunReader>> runs) {
  data::Merger merger(std::move(runs), options_.comparison);
  auto writer = data::SpillWriter::create(next_path());
  if (!writer) return tl::unexpected(writer.error());
  while (true) {
    const auto more = merger.next();
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
    const Status written = (*writer)->append(merger.key(), merger.value());
    if (!written) return written;
  }
  const auto run = (*writer)->end_run();
  if (!run) return tl::unexpected(run.error());
  if (auto closed = (*writer)->close(); !closed) return closed;
  counters_.add(counter::spilled_records, run->records);
  on_disk_.push_back({(*writer)->path(), *run});
  return {};
}

std::string Shuffle::next_path() {
  files_.push_back(options_.scratch_prefix + ".fetched" + std::to_string(files_.size()));
  return files_.back();
}

}  // namespace mesolite::hadoop

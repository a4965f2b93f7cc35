#include "frameworks/mini-hadoop/engine/shuffle.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace mesolite::hadoop {
namespace {

// A block larger than this share of the memory goes straight to disk, as in Hadoop.
constexpr std::size_t large_block_share = 4;
// An own output smaller than this is copied: to read it where it lies takes more memory.
constexpr std::uint64_t own_run_min = std::uint64_t{256} << 10;
// What reading a run takes: a frame as it is stored and one as it was.
constexpr std::size_t run_memory = std::size_t{1} << 20;

// How many runs on disk may be open at a time.
std::size_t merge_width(std::size_t memory) {
  return std::clamp<std::size_t>(memory / run_memory, 16, 256);
}

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
  Runs runs = open_kept();
  std::stable_sort(on_disk_.begin(), on_disk_.end(),
                   [](const OnDisk& a, const OnDisk& b) { return a.map < b.map; });
  auto opened = open_on_disk(std::exchange(on_disk_, {}), runs);
  if (!opened) return tl::unexpected(opened.error());
  return runs;
}

std::optional<data::BlockLocation> Shuffle::own_place(const MapOutputRef& output) const {
  if (options_.own_blocks == nullptr || output.host != options_.own_host) return std::nullopt;
  auto place = options_.own_blocks->find(output.block);
  return place && place->length == output.length ? place : std::nullopt;
}

bool Shuffle::take_own(const MapOutputRef& output) {
  const auto place = own_place(output);
  if (!place) return false;
  if (output.length >= own_run_min) {
    on_disk_.push_back(
        {output.map, place->path, {place->offset, place->length, 0, output.records}});
    return true;
  }
  if (kept_bytes_ + output.length > options_.memory) return false;
  const auto file = data::File::open(place->path);
  if (!file) return false;
  Kept kept{output.map, output.records, std::string(output.length, '\0')};
  const auto got = file->read_at(place->offset, kept.bytes.data(), kept.bytes.size());
  if (!got || *got < output.length) return false;
  kept_bytes_ += output.length;
  kept_.push_back(std::move(kept));
  return true;
}

Result<bool> Shuffle::fetch(const MapOutputRef& output, MapOutputFeed& feed,
                            const std::stop_token& stop) {
  if (!take_own(output)) {
    const bool large = output.length > options_.memory / large_block_share;
    if (!large && kept_bytes_ + output.length > options_.memory) {
      if (auto merged = merge_to_disk(); !merged) return tl::unexpected(merged.error());
    }
    const auto fetched = large ? fetch_to_disk(output, stop) : fetch_to_memory(output, stop);
    if (!fetched) {
      if (ends_the_task(fetched.error().cause)) return failure(fetched.error().message());
      feed.report_lost(output, fetched.error());
      return false;
    }
  }
  counters_.add(counter::shuffle_bytes, output.length);
  counters_.add(counter::shuffle_blocks, 1);
  if (on_disk_.size() >= merge_width(options_.memory)) {
    if (auto merged = merge_small_runs(); !merged) return tl::unexpected(merged.error());
  }
  return true;
}

tl::expected<void, data::FetchError> Shuffle::fetch_to_memory(const MapOutputRef& output,
                                                              const std::stop_token& stop) {
  Kept kept{output.map, output.records, {}};
  kept.bytes.reserve(output.length);
  const auto keep = [&](std::string_view bytes) {
    kept.bytes.append(bytes);
    return Status{};
  };
  auto fetched = client_.fetch({output.host, output.block, output.length}, keep, stop);
  if (!fetched) return fetched;
  kept_bytes_ += kept.bytes.size();
  kept_.push_back(std::move(kept));
  return {};
}

tl::expected<void, data::FetchError> Shuffle::fetch_to_disk(const MapOutputRef& output,
                                                            const std::stop_token& stop) {
  const auto not_kept = [&](const Error& error) {
    return tl::unexpected<data::FetchError>(
        data::FetchError{data::FetchCause::not_kept, output.host, output.block, error.message});
  };
  auto file = data::File::create(next_path());
  if (!file) return not_kept(file.error());
  const auto keep = [&](std::string_view bytes) { return file->write(bytes); };
  auto fetched = client_.fetch({output.host, output.block, output.length}, keep, stop);
  if (!fetched) return fetched;
  if (auto closed = file->close(); !closed) return not_kept(closed.error());
  on_disk_.push_back(
      {output.map, file->path(), {.length = output.length, .records = output.records}});
  return {};
}

Shuffle::Runs Shuffle::open_kept() {
  Runs runs;
  for (Kept& kept : kept_) {
    const std::uint64_t length = kept.bytes.size();
    auto source = data::memory_source("map " + std::to_string(kept.map), std::move(kept.bytes));
    runs.push_back(std::make_unique<data::RunReader>(std::move(source), length, kept.records));
  }
  kept_.clear();
  kept_bytes_ = 0;
  return runs;
}

Status Shuffle::open_on_disk(std::vector<OnDisk> files, Runs& runs) {
  for (const OnDisk& each : files) {
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

// The smaller half of the runs on disk become one: what is large is not written twice.
Status Shuffle::merge_small_runs() {
  std::sort(on_disk_.begin(), on_disk_.end(),
            [](const OnDisk& a, const OnDisk& b) { return a.run.length < b.run.length; });
  const auto half = on_disk_.begin() + static_cast<std::ptrdiff_t>(on_disk_.size() / 2 + 1);
  std::vector<OnDisk> small(on_disk_.begin(), half);
  on_disk_.erase(on_disk_.begin(), half);
  Runs runs;
  if (auto opened = open_on_disk(std::move(small), runs); !opened) return opened;
  return write_merged(std::move(runs));
}

Status Shuffle::write_merged(Runs runs) {
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
  on_disk_.push_back({options_.maps, (*writer)->path(), *run});
  return {};
}

std::string Shuffle::next_path() {
  files_.push_back(options_.scratch_prefix + ".fetched" + std::to_string(files_.size()));
  return files_.back();
}

}  // namespace mesolite::hadoop

#include "frameworks/mini-hadoop/storage/decoding_file_system.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <utility>

#include "frameworks/mini-hadoop/storage/decoder.hpp"
#include "frameworks/mini-hadoop/storage/frame_index.hpp"
#include "mesolite/data/buffer.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::size_t input_size = std::size_t{256} << 10;
constexpr std::uint64_t frame_content_max = std::uint64_t{1} << 30;

// Unpacks bytes [from, to) of a file one after the other.
class Unpacker {
 public:
  Unpacker(const ReadableFile& file, std::string path, Encoding encoding, std::uint64_t from,
           std::uint64_t to)
      : file_(file),
        path_(std::move(path)),
        decoder_(make_decoder(encoding)),
        next_(from),
        end_(to),
        input_(input_size) {}

  // Fewer than `size` bytes at the end only.
  Result<std::size_t> read(char* into, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
      if (left_.empty() && next_ < end_) {
        if (auto filled = fill(); !filled) return tl::unexpected(filled.error());
      }
      const bool last = left_.empty();
      const auto step = decoder_->decode(left_, into + done, size - done);
      if (!step) return failure("cannot unpack '" + path_ + "'", step.error());
      left_.remove_prefix(step->taken);
      done += step->given;
      if (step->taken > 0 || step->given > 0) at_border_ = step->at_border;
      if (last && step->given == 0) {
        if (at_border_) break;
        return failure("'" + path_ + "' ends in the middle of a frame");
      }
    }
    return done;
  }

 private:
  Status fill() {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(input_size, end_ - next_));
    const auto got = file_.read_at(next_, input_.data(), wanted);
    if (!got) return tl::unexpected(got.error());
    left_ = {input_.data(), *got};
    next_ = *got < wanted ? end_ : next_ + *got;
    return {};
  }

  const ReadableFile& file_;
  std::string path_;
  std::unique_ptr<Decoder> decoder_;
  std::uint64_t next_;
  std::uint64_t end_;
  data::Buffer input_;
  std::string_view left_;
  bool at_border_ = true;
};

// Read in one go, from the first byte on.
class StreamedFile final : public ReadableFile {
 public:
  StreamedFile(std::unique_ptr<ReadableFile> file, const std::string& path, Encoding encoding)
      : file_(std::move(file)), unpacker_(*file_, path, encoding, 0, file_->size()) {}

  std::uint64_t size() const override { return std::numeric_limits<std::uint64_t>::max() / 2; }
  bool is_sized() const override { return false; }

  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) const override {
    const std::lock_guard lock(mutex_);
    if (offset != position_) return failure("a compressed file is read from its start on");
    const auto got = unpacker_.read(into, size);
    if (got) position_ += *got;
    return got;
  }

 private:
  std::unique_ptr<ReadableFile> file_;
  mutable std::mutex mutex_;  // for the promise of ReadableFile: any thread may read
  mutable Unpacker unpacker_;
  mutable std::uint64_t position_ = 0;
};

// Of frames that are known; holds the one that was read last.
class FramedFile final : public ReadableFile {
 public:
  FramedFile(std::unique_ptr<ReadableFile> file, std::string path, Encoding encoding,
             std::vector<CompressedFrame> frames)
      : file_(std::move(file)),
        path_(std::move(path)),
        encoding_(encoding),
        frames_(std::move(frames)) {}

  std::uint64_t size() const override { return frames_.back().begin + frames_.back().content; }

  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) const override {
    const std::lock_guard lock(mutex_);
    std::size_t done = 0;
    while (done < size && offset + done < this->size()) {
      const std::uint64_t at = offset + done;
      if (auto loaded = load(frame_at(at)); !loaded) return tl::unexpected(loaded.error());
      const CompressedFrame& frame = frames_[loaded_];
      const auto skipped = static_cast<std::size_t>(at - frame.begin);
      const std::size_t part =
          std::min(size - done, static_cast<std::size_t>(frame.content) - skipped);
      std::memcpy(into + done, content_.data() + skipped, part);
      done += part;
    }
    return done;
  }

 private:
  std::size_t frame_at(std::uint64_t at) const {
    const auto after = std::upper_bound(frames_.begin(), frames_.end(), at,
                                        [](std::uint64_t position, const CompressedFrame& frame) {
                                          return position < frame.begin + frame.content;
                                        });
    return static_cast<std::size_t>(after - frames_.begin());
  }

  Status load(std::size_t index) const {
    if (index == loaded_) return {};
    const CompressedFrame& frame = frames_[index];
    if (frame.content > frame_content_max) return failure("'" + path_ + "' has too large a frame");
    const auto size = static_cast<std::size_t>(frame.content);
    content_.reserve(size);
    loaded_ = frames_.size();
    Unpacker unpacker(*file_, path_, encoding_, frame.offset, frame.offset + frame.size);
    const auto got = unpacker.read(content_.data(), size);
    if (!got) return tl::unexpected(got.error());
    if (*got < size) return failure("'" + path_ + "' has a frame that says a wrong size");
    loaded_ = index;
    return {};
  }

  std::unique_ptr<ReadableFile> file_;
  std::string path_;
  Encoding encoding_;
  std::vector<CompressedFrame> frames_;
  mutable std::mutex mutex_;  // guards the frame that is held
  mutable data::Buffer content_;
  mutable std::size_t loaded_ = std::numeric_limits<std::size_t>::max();
};

}  // namespace

Result<std::unique_ptr<ReadableFile>> DecodingFileSystem::open(const std::string& path) const {
  auto file = inner_->open(path);
  const Encoding encoding = encoding_of(path);
  if (!file || encoding == Encoding::none) return file;
  auto frames = index_frames(**file, encoding);
  if (!frames) return failure("cannot read '" + path + "'", frames.error());
  if (*frames) {
    return std::make_unique<FramedFile>(std::move(*file), path, encoding, std::move(**frames));
  }
  return std::make_unique<StreamedFile>(std::move(*file), path, encoding);
}

Result<std::vector<FileEntry>> DecodingFileSystem::list(const std::string& pattern) const {
  auto entries = inner_->list(pattern);
  if (!entries) return entries;
  for (FileEntry& entry : *entries) {
    if (encoding_of(entry.path) == Encoding::none || entry.size == 0) continue;
    const auto file = open(entry.path);
    if (!file) return tl::unexpected(file.error());
    entry.whole = !(*file)->is_sized();
    if (!entry.whole) entry.size = (*file)->size();
  }
  return entries;
}

Result<std::vector<Placement>> DecodingFileSystem::placements(const FileEntry& file) const {
  // Of what is unpacked in frames the offsets are others than those of what is stored.
  const bool as_stored = file.whole || encoding_of(file.path) == Encoding::none;
  return as_stored ? inner_->placements(file) : std::vector<Placement>{};
}

}  // namespace mesolite::hadoop

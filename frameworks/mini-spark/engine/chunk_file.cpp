#include "frameworks/mini-spark/engine/chunk_file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "frameworks/mini-spark/engine/failures.hpp"

namespace mesolite::spark {
namespace {

// A record longer than a frame is cut; a first byte in each frame says whether more follows.
constexpr char last_part = 0;
constexpr char more_follows = 1;
constexpr std::size_t part_max = data::frame_raw_max - 1;
constexpr std::size_t read_size = std::size_t{256} << 10;

}  // namespace

ChunkFile::ChunkFile(const std::string& path) : file_(need(data::File::create(path))) {}

ChunkFile::~ChunkFile() {
  std::error_code ignored;  // the scratch directory goes as a whole later
  std::filesystem::remove(file_.path(), ignored);
}

void ChunkFile::write(std::string_view bytes) {
  need(file_.write(bytes));
  size_ += bytes.size();
}

ByteRange ChunkFile::append(std::string_view chunk) {
  const std::uint64_t start = size_;
  std::string part;
  do {
    const std::size_t size = std::min(chunk.size(), part_max);
    part.assign(1, size == chunk.size() ? last_part : more_follows);
    part += chunk.substr(0, size);
    chunk.remove_prefix(size);
    frame_.reserve(data::frame_size_max(part.size()));
    const std::size_t stored = data::encode_frame(part, data::Compression::lz4, frame_.data());
    write({frame_.data(), stored});
  } while (!chunk.empty());
  return {start, size_ - start};
}

ByteRange ChunkFile::append(const ChunkFile& other, const ByteRange& range) {
  const std::uint64_t start = size_;
  std::string bytes(std::min<std::uint64_t>(range.length, read_size), '\0');
  for (std::uint64_t done = 0; done < range.length;) {
    const std::size_t wanted = std::min<std::uint64_t>(range.length - done, bytes.size());
    const std::size_t got = need(other.file_.read_at(range.offset + done, bytes.data(), wanted));
    if (got == 0) throw TaskFailure("'" + other.path() + "' is shorter than it was written");
    write({bytes.data(), got});
    done += got;
  }
  return {start, range.length};
}

void ChunkFile::finish() {
  const std::string path = file_.path();
  need(file_.close());
  file_ = need(data::File::open(path));
}

void ChunkFile::read(const ByteRange& range, const TakeChunk& take) const {
  FrameDecoder decoder(path(), take);
  data::Buffer bytes(std::min<std::uint64_t>(range.length, read_size));
  for (std::uint64_t done = 0; done < range.length;) {
    const std::size_t wanted = std::min<std::uint64_t>(range.length - done, read_size);
    const std::size_t got = need(file_.read_at(range.offset + done, bytes.data(), wanted));
    if (got == 0) throw TaskFailure("'" + path() + "' is shorter than it was written");
    need(decoder.add({bytes.data(), got}));
    done += got;
  }
  need(decoder.finish());
}

FrameDecoder::FrameDecoder(std::string source, const TakeChunk& take)
    : source_(std::move(source)), take_(take) {}

Status FrameDecoder::add(std::string_view bytes) {
  pending_ += bytes;
  return decode_all();
}

Status FrameDecoder::decode_all() {
  std::string_view left = pending_;
  while (left.size() >= data::frame_header_size) {
    data::FrameHeader header;
    data::FrameFault fault = data::decode_frame_header(left, header);
    if (fault != data::FrameFault::none) return damaged(fault);
    if (left.size() - data::frame_header_size < header.stored_size) break;
    const std::string_view payload = left.substr(data::frame_header_size, header.stored_size);
    fault = data::decode_frame_payload(header, payload, raw_);
    if (fault != data::FrameFault::none) return damaged(fault);
    if (header.raw_size == 0) return damaged(data::FrameFault::not_a_frame);
    const std::string_view part(raw_.data() + 1, header.raw_size - 1);
    if (*raw_.data() == more_follows) {
      joined_ += part;
    } else if (joined_.empty()) {
      take_(part);
    } else {
      joined_ += part;
      take_(joined_);
      joined_.clear();
    }
    left.remove_prefix(data::frame_header_size + header.stored_size);
  }
  pending_.erase(0, pending_.size() - left.size());
  return {};
}

Status FrameDecoder::finish() const {
  if (pending_.empty() && joined_.empty()) return {};
  return damaged(data::FrameFault::truncated);
}

tl::unexpected<Error> FrameDecoder::damaged(data::FrameFault fault) const {
  return failure("'" + source_ + "' is damaged: " + std::string(to_text(fault)));
}

}  // namespace mesolite::spark

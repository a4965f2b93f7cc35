#include "frameworks/mini-hadoop/input/fixed_source.hpp"

#include <algorithm>
#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;

std::uint64_t round_to_record(std::uint64_t offset, std::uint64_t unit) {
  return (offset + unit - 1) / unit * unit;
}

}  // namespace

Result<FixedSource> FixedSource::open(const FileSystem& files, const Piece& piece,
                                      data::Buffer& buffer, std::size_t record_size) {
  MESOLITE_CHECK(record_size > 0, "a record has a size");
  auto file = files.open(piece.path);
  if (!file) return tl::unexpected(file.error());
  const std::uint64_t size = (*file)->size();
  if (size % record_size != 0) {
    return failure("input '" + piece.path + "' has " + std::to_string(size) +
                   " bytes, which is no multiple of the " + std::to_string(record_size) +
                   " of a record");
  }
  FixedSource source(std::move(*file), piece.path, buffer);
  source.position_ = round_to_record(piece.offset, record_size);
  source.end_ = std::min(size, round_to_record(piece.offset + piece.length, record_size));
  source.chunk_size_ = std::max<std::size_t>(1, chunk_bytes / record_size) * record_size;
  return source;
}

Result<std::string_view> FixedSource::next() {
  if (position_ >= end_) return std::string_view{};
  const auto wanted =
      static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size_, end_ - position_));
  buffer_->reserve(wanted);
  const auto got = file_->read_at(position_, buffer_->data(), wanted);
  if (!got) return tl::unexpected(got.error());
  if (*got < wanted) {
    return failure("input '" + path_ + "' has become shorter while it was read");
  }
  chunk_offset_ = position_;
  position_ += wanted;
  return std::string_view{buffer_->data(), wanted};
}

}  // namespace mesolite::hadoop

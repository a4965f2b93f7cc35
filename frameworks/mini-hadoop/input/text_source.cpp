#include "frameworks/mini-hadoop/input/text_source.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mesolite::hadoop {
namespace {

constexpr std::size_t page_size = 4096;
constexpr std::size_t probe_size = std::size_t{16} << 10;

std::size_t round_up(std::size_t size) {
  return (size + page_size - 1) / page_size * page_size;
}

bool is_space(char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

}  // namespace

TextSource::TextSource(std::unique_ptr<ReadableFile> file, const Piece& piece, data::Buffer& buffer,
                       Options options)
    : file_(std::move(file)), path_(piece.path), buffer_(buffer), options_(options) {}

Result<std::unique_ptr<TextSource>> TextSource::open(const FileSystem& files, const Piece& piece,
                                                     data::Buffer& buffer, Options options) {
  auto file = files.open(piece.path);
  if (!file) return tl::unexpected(file.error());
  if ((*file)->size() < piece.offset + piece.length) {
    return failure("input '" + piece.path + "' has become shorter since the job began");
  }
  const bool sized = (*file)->is_sized();
  std::unique_ptr<TextSource> source(new TextSource(std::move(*file), piece, buffer, options));
  if (!sized) {
    if (piece.offset > 0) return failure("input '" + piece.path + "' cannot be cut");
    source->end_ = source->file_->size();
    return source;
  }
  const auto begin = source->record_start_from(piece.offset);
  if (!begin) return tl::unexpected(begin.error());
  const auto end = source->record_start_from(piece.offset + piece.length);
  if (!end) return tl::unexpected(end.error());
  source->position_ = *begin;
  source->end_ = *end;
  return source;
}

// The first place at or after `offset` where a record starts: the start of the file, its end, or a
// byte after a border.
Result<std::uint64_t> TextSource::record_start_from(std::uint64_t offset) {
  if (offset == 0 || offset >= file_->size()) return std::min(offset, file_->size());
  buffer_.reserve(probe_size);
  for (std::uint64_t at = offset - 1;; at += probe_size) {
    const auto got = file_->read_at(at, buffer_.data(), probe_size);
    if (!got) return tl::unexpected(got.error());
    const std::size_t border = find_border({buffer_.data(), *got});
    if (border < *got) return at + border + 1;
    if (*got < probe_size) return file_->size();
  }
}

std::size_t TextSource::find_border(std::string_view text) const {
  if (options_.border == Border::line) return std::min(text.find('\n'), text.size());
  const auto* const found = std::find_if(text.begin(), text.end(), is_space);
  return static_cast<std::size_t>(found - text.begin());
}

std::size_t TextSource::cut_after_last_border(std::string_view text) const {
  if (options_.border == Border::line) return text.rfind('\n') + 1;  // npos + 1 is 0
  std::size_t size = text.size();
  while (size > 0 && !is_space(text[size - 1])) --size;
  return size;
}

Result<std::string_view> TextSource::next() {
  text_ += taken_;
  text_size_ -= taken_;
  chunk_offset_ += taken_;
  taken_ = 0;
  // What is left begins a record whose end was not read yet.
  while (position_ < end_) {
    const std::size_t searched = text_size_;
    if (auto filled = fill(); !filled) return tl::unexpected(filled.error());
    const std::string_view fresh{buffer_.data() + text_ + searched, text_size_ - searched};
    const std::size_t cut = cut_after_last_border(fresh);
    if (cut > 0) {
      taken_ = searched + cut;
      return std::string_view{buffer_.data() + text_, taken_};
    }
    if (text_size_ > options_.record_max) {
      return failure("input '" + path_ + "': the record at byte " + std::to_string(chunk_offset_) +
                     " is longer than " + std::to_string(options_.record_max) + " bytes");
    }
  }
  taken_ = text_size_;
  return std::string_view{buffer_.data() + text_, taken_};
}

// Reads one more chunk behind the text. File and buffer positions are kept equal modulo a page, or
// the copy out of the page cache is several times slower.
Status TextSource::fill() {
  const std::size_t skew = position_ % page_size;
  const auto wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(options_.chunk_size - skew % options_.chunk_size, end_ - position_));
  if (text_size_ == 0) chunk_offset_ = position_;
  if (text_size_ == 0 || text_ + text_size_ + wanted + text_padding > buffer_.capacity()) {
    move_to_front(round_up(text_size_) + skew, wanted);
  }
  char* const into = buffer_.data() + text_ + text_size_;
  const auto got = file_->read_at(position_, into, wanted);
  if (!got) return tl::unexpected(got.error());
  if (*got < wanted && file_->is_sized()) {
    return failure("input '" + path_ + "' has become shorter while it was read");
  }
  position_ += *got;
  text_size_ += *got;
  if (*got < wanted) end_ = position_;
  return {};
}

// Makes the text end at `end` and leaves room for `wanted` more bytes after it.
void TextSource::move_to_front(std::size_t end, std::size_t wanted) {
  const std::size_t needed = end + wanted + text_padding;
  // Doubling, so that a record of many chunks is copied a few times only.
  if (needed > buffer_.capacity()) {
    buffer_.grow(std::max(needed, 2 * text_size_), text_size_ == 0 ? 0 : text_ + text_size_);
  }
  std::memmove(buffer_.data() + end - text_size_, buffer_.data() + text_, text_size_);
  text_ = end - text_size_;
}

}  // namespace mesolite::hadoop

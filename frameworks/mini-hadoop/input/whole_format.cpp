#include <algorithm>
#include <utility>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "mesolite/data/buffer.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::uint64_t whole_record_max = std::uint64_t{256} << 20;
constexpr std::size_t growth = std::size_t{1} << 20;
constexpr std::size_t prefix_size = 4;

// Reads a file from its start to its end, in pieces of any size.
class FileCursor {
 public:
  FileCursor(std::unique_ptr<ReadableFile> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  // The next `size` bytes, or fewer at the end. Valid until the next call.
  Result<std::string_view> take(std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
      // Grown as it is filled: a size that is read from a file may be wrong.
      const std::size_t wanted = std::min(size - done, std::max(done, growth));
      buffer_.grow(done + wanted, done);
      const auto got = file_->read_at(at_, buffer_.data() + done, wanted);
      if (!got) return tl::unexpected(got.error());
      at_ += *got;
      done += *got;
      if (*got < wanted) break;
    }
    return std::string_view{buffer_.data(), done};
  }

  std::uint64_t offset() const { return at_; }
  const std::string& path() const { return path_; }
  tl::unexpected<Error> problem(std::uint64_t offset, const std::string& what) const {
    return failure("input '" + path_ + "' byte " + std::to_string(offset) + ": " + what);
  }

 private:
  std::unique_ptr<ReadableFile> file_;
  std::string path_;
  std::uint64_t at_ = 0;
  data::Buffer buffer_;
};

class LengthPrefixedReader final : public RecordReader {
 public:
  explicit LengthPrefixedReader(FileCursor cursor) : cursor_(std::move(cursor)) {}

  Result<bool> next(InputRecord& record) override {
    const std::uint64_t begin = cursor_.offset();
    const auto prefix = cursor_.take(prefix_size);
    if (!prefix) return tl::unexpected(prefix.error());
    if (prefix->empty()) return false;
    if (prefix->size() < prefix_size)
      return cursor_.problem(begin, "the last record's size is cut");
    std::size_t size = 0;
    for (const char byte : *prefix) size = size << 8 | static_cast<unsigned char>(byte);
    if (size > whole_record_max) {
      return cursor_.problem(begin, "a record of " + std::to_string(size) + " bytes is too large");
    }
    const auto content = cursor_.take(size);
    if (!content) return tl::unexpected(content.error());
    if (content->size() < size) return cursor_.problem(begin, "the last record is cut");
    record = {cursor_.path(), begin, *content};
    return true;
  }

 private:
  FileCursor cursor_;
};

class WholeFileReader final : public RecordReader {
 public:
  explicit WholeFileReader(FileCursor cursor) : cursor_(std::move(cursor)) {}

  Result<bool> next(InputRecord& record) override {
    if (std::exchange(done_, true)) return false;
    const auto content = cursor_.take(whole_record_max + 1);
    if (!content) return tl::unexpected(content.error());
    if (content->size() > whole_record_max) return cursor_.problem(0, "the file is too large");
    record = {cursor_.path(), 0, *content};
    return true;
  }

 private:
  FileCursor cursor_;
  bool done_ = false;
};

template <class Reader>
Result<std::unique_ptr<RecordReader>> open_whole(const FileSystem& files, const Piece& piece) {
  auto file = files.open(piece.path);
  if (!file) return tl::unexpected(file.error());
  return std::make_unique<Reader>(FileCursor(std::move(*file), piece.path));
}

}  // namespace

Result<std::unique_ptr<RecordReader>> LengthPrefixedInputFormat::open(const FileSystem& files,
                                                                      const Piece& piece) const {
  return open_whole<LengthPrefixedReader>(files, piece);
}

Result<std::unique_ptr<RecordReader>> WholeFileInputFormat::open(const FileSystem& files,
                                                                 const Piece& piece) const {
  return open_whole<WholeFileReader>(files, piece);
}

}  // namespace mesolite::hadoop

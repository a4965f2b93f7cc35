#include <algorithm>
#include <utility>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/input/text_source.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::size_t write_size = std::size_t{256} << 10;

class LineReader final : public RecordReader {
 public:
  LineReader(std::string path, std::unique_ptr<data::Buffer> buffer,
             std::unique_ptr<TextSource> source)
      : path_(std::move(path)), buffer_(std::move(buffer)), source_(std::move(source)) {}

  Result<bool> next(InputRecord& record) override {
    if (at_ == chunk_.size()) {
      const auto chunk = source_->next();
      if (!chunk) return tl::unexpected(chunk.error());
      if (chunk->empty()) return false;
      chunk_ = *chunk;
      at_ = 0;
    }
    const std::size_t found = chunk_.find('\n', at_);
    const std::size_t end = found == std::string_view::npos ? chunk_.size() : found;
    record.path = path_;
    record.offset = source_->chunk_offset() + at_;
    record.value = chunk_.substr(at_, end - at_);
    if (record.value.ends_with('\r')) record.value.remove_suffix(1);
    at_ = std::min(end + 1, chunk_.size());
    return true;
  }

 private:
  std::string path_;
  std::unique_ptr<data::Buffer> buffer_;
  std::unique_ptr<TextSource> source_;
  std::string_view chunk_;
  std::size_t at_ = 0;
};

class TextWriter final : public RecordWriter {
 public:
  explicit TextWriter(std::unique_ptr<WritableFile> file) : file_(std::move(file)) {
    text_.reserve(write_size);
  }

  Status write(std::string_view key, std::string_view value) override {
    text_.append(key);
    if (!value.empty()) text_.append(1, '\t').append(value);
    text_.push_back('\n');
    return text_.size() < write_size ? Status{} : flush();
  }

  Result<std::uint64_t> close() override {
    if (auto flushed = flush(); !flushed) return tl::unexpected(flushed.error());
    if (auto closed = file_->close(); !closed) return tl::unexpected(closed.error());
    return bytes_;
  }

 private:
  Status flush() {
    bytes_ += text_.size();
    const Status written = file_->write(text_);
    text_.clear();
    return written;
  }

  std::unique_ptr<WritableFile> file_;
  std::string text_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<RecordReader>> TextInputFormat::open(const FileSystem& files,
                                                            const Piece& piece) const {
  auto buffer = std::make_unique<data::Buffer>();
  auto source = TextSource::open(files, piece, *buffer, {});
  if (!source) return tl::unexpected(source.error());
  return std::make_unique<LineReader>(piece.path, std::move(buffer), std::move(*source));
}

Result<std::unique_ptr<RecordWriter>> TextOutputFormat::create(FileSystem& files,
                                                               const std::string& path) const {
  auto file = files.create(path);
  if (!file) return tl::unexpected(file.error());
  return std::make_unique<TextWriter>(std::move(*file));
}

}  // namespace mesolite::hadoop

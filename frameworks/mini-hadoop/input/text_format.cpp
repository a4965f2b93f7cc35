#include <algorithm>
#include <utility>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/input/buffered_writer.hpp"
#include "frameworks/mini-hadoop/input/text_source.hpp"

namespace mesolite::hadoop {
namespace {

class LineReader final : public RecordReader {
 public:
  LineReader(std::string path, std::unique_ptr<data::Buffer> buffer,
             std::unique_ptr<TextSource> source, LineEnd line_end)
      : path_(std::move(path)),
        buffer_(std::move(buffer)),
        source_(std::move(source)),
        line_end_(line_end) {}

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
    const bool cut_cr = line_end_ == LineEnd::lf_or_crlf && record.value.ends_with('\r');
    if (cut_cr) record.value.remove_suffix(1);
    at_ = std::min(end + 1, chunk_.size());
    return true;
  }

 private:
  std::string path_;
  std::unique_ptr<data::Buffer> buffer_;
  std::unique_ptr<TextSource> source_;
  const LineEnd line_end_;
  std::string_view chunk_;
  std::size_t at_ = 0;
};

class TextWriter final : public RecordWriter {
 public:
  explicit TextWriter(std::unique_ptr<WritableFile> file) : out_(std::move(file)) {}

  Status write(std::string_view key, std::string_view value) override {
    out_.text().append(key);
    if (!value.empty()) out_.text().append(1, '\t').append(value);
    out_.text().push_back('\n');
    return out_.flush_if_full();
  }
  Result<std::uint64_t> close() override { return out_.close(); }

 private:
  BufferedWriter out_;
};

}  // namespace

Result<std::unique_ptr<RecordReader>> TextInputFormat::open(const FileSystem& files,
                                                            const Piece& piece) const {
  auto buffer = std::make_unique<data::Buffer>();
  auto source = TextSource::open(files, piece, *buffer, {});
  if (!source) return tl::unexpected(source.error());
  return std::make_unique<LineReader>(piece.path, std::move(buffer), std::move(*source), end_);
}

Result<std::unique_ptr<RecordWriter>> TextOutputFormat::create(FileSystem& files,
                                                               const std::string& path) const {
  auto file = files.create(path);
  if (!file) return tl::unexpected(file.error());
  return std::make_unique<TextWriter>(std::move(*file));
}

}  // namespace mesolite::hadoop

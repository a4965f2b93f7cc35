#include <utility>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/input/buffered_writer.hpp"
#include "frameworks/mini-hadoop/input/fixed_source.hpp"

namespace mesolite::hadoop {
namespace {

class FixedReader final : public RecordReader {
 public:
  FixedReader(std::string path, std::unique_ptr<data::Buffer> buffer, FixedSource source,
              std::size_t record_size)
      : path_(std::move(path)),
        buffer_(std::move(buffer)),
        source_(std::move(source)),
        record_size_(record_size) {}

  Result<bool> next(InputRecord& record) override {
    if (at_ == chunk_.size()) {
      const auto chunk = source_.next();
      if (!chunk) return tl::unexpected(chunk.error());
      if (chunk->empty()) return false;
      chunk_ = *chunk;
      at_ = 0;
    }
    record = {path_, source_.chunk_offset() + at_, chunk_.substr(at_, record_size_)};
    at_ += record_size_;
    return true;
  }

 private:
  std::string path_;
  std::unique_ptr<data::Buffer> buffer_;
  FixedSource source_;
  std::size_t record_size_;
  std::string_view chunk_;
  std::size_t at_ = 0;
};

class BytesWriter final : public RecordWriter {
 public:
  explicit BytesWriter(std::unique_ptr<WritableFile> file) : out_(std::move(file)) {}

  Status write(std::string_view key, std::string_view value) override {
    out_.text().append(key).append(value);
    return out_.flush_if_full();
  }
  Result<std::uint64_t> close() override { return out_.close(); }

 private:
  BufferedWriter out_;
};

}  // namespace

Result<std::unique_ptr<RecordReader>> FixedInputFormat::open(const FileSystem& files,
                                                             const Piece& piece) const {
  auto buffer = std::make_unique<data::Buffer>();
  auto source = FixedSource::open(files, piece, *buffer, record_size_);
  if (!source) return tl::unexpected(source.error());
  return std::make_unique<FixedReader>(piece.path, std::move(buffer), std::move(*source),
                                       record_size_);
}

Result<std::unique_ptr<RecordWriter>> BytesOutputFormat::create(FileSystem& files,
                                                                const std::string& path) const {
  auto file = files.create(path);
  if (!file) return tl::unexpected(file.error());
  return std::make_unique<BytesWriter>(std::move(*file));
}

}  // namespace mesolite::hadoop

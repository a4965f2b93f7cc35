#include "mesolite/data/spill.hpp"

#include <algorithm>
#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::data {
namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(std::shared_ptr<const File> file, SpillRun run)
      : file_(std::move(file)), at_(run.offset), end_(run.offset + run.length) {}

  Result<std::size_t> read(char* into, std::size_t size) override {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, end_ - at_));
    auto got = file_->read_at(at_, into, wanted);
    if (got) at_ += *got;
    return got;
  }
  std::string name() const override { return file_->path(); }

 private:
  std::shared_ptr<const File> file_;
  std::uint64_t at_;
  std::uint64_t end_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::string name, std::string bytes)
      : name_(std::move(name)), bytes_(std::move(bytes)) {}

  Result<std::size_t> read(char* into, std::size_t size) override {
    const std::size_t got = bytes_.copy(into, size, at_);
    at_ += got;
    return got;
  }
  std::string name() const override { return name_; }

 private:
  std::string name_;
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> file_source(std::shared_ptr<const File> file, SpillRun run) {
  return std::make_unique<FileSource>(std::move(file), run);
}

std::unique_ptr<ByteSource> memory_source(std::string name, std::string bytes) {
  return std::make_unique<MemorySource>(std::move(name), std::move(bytes));
}

SpillWriter::SpillWriter(File file, std::uint64_t offset, SpillOptions options)
    : file_(std::move(file)), options_(options), raw_(options.frame_size) {
  run_.offset = offset;
}

Result<std::unique_ptr<SpillWriter>> SpillWriter::create(const std::string& path,
                                                         SpillOptions options) {
  auto file = File::create(path);
  if (!file) return tl::unexpected(file.error());
  return std::unique_ptr<SpillWriter>(new SpillWriter(std::move(*file), 0, options));
}

Result<std::unique_ptr<SpillWriter>> SpillWriter::append_to(const std::string& path,
                                                            SpillOptions options) {
  auto file = File::append(path);
  if (!file) return tl::unexpected(file.error());
  const auto size = file->size();
  if (!size) return tl::unexpected(size.error());
  return std::unique_ptr<SpillWriter>(new SpillWriter(std::move(*file), *size, options));
}

Status SpillWriter::make_room(std::size_t needed) {
  if (needed > frame_raw_max) {
    return failure("cannot spill a record of " + std::to_string(needed) + " bytes: the limit is " +
                   std::to_string(frame_raw_max));
  }
  if (auto written = write_frame(); !written) return written;
  raw_.reserve(needed);
  return {};
}

Status SpillWriter::write_frame() {
  if (raw_size_ == 0) return {};
  stored_.reserve(frame_size_max(raw_size_));
  const std::size_t size =
      encode_frame({raw_.data(), raw_size_}, options_.compression, stored_.data());
  if (auto written = file_.write({stored_.data(), size}); !written) return written;
  run_.length += size;
  run_.raw_bytes += raw_size_;
  raw_size_ = 0;
  return {};
}

Result<SpillRun> SpillWriter::end_run() {
  if (auto written = write_frame(); !written) return tl::unexpected(written.error());
  const SpillRun ended = run_;
  run_ = SpillRun{.offset = ended.offset + ended.length};
  return ended;
}

Status SpillWriter::close() {
  MESOLITE_CHECK(raw_size_ == 0 && run_.records == 0, "the last run is ended before the close");
  return file_.close();
}

RunReader::RunReader(std::unique_ptr<ByteSource> source, std::uint64_t length,
                     std::uint64_t records)
    : source_(std::move(source)), length_(length), records_(records) {}

Result<bool> RunReader::next_frame() {
  if (offset_ == length_) {
    if (records_read_ != records_) return damaged("it has another number of records");
    return false;
  }
  char head[frame_header_size];
  if (auto read = read_exactly(head, sizeof head); !read) return tl::unexpected(read.error());
  FrameHeader header;
  if (auto fault = decode_frame_header({head, sizeof head}, header); fault != FrameFault::none) {
    return damaged(to_text(fault));
  }
  stored_.reserve(header.stored_size);
  if (auto read = read_exactly(stored_.data(), header.stored_size); !read) {
    return tl::unexpected(read.error());
  }
  const auto fault = decode_frame_payload(header, {stored_.data(), header.stored_size}, raw_);
  if (fault != FrameFault::none) return damaged(to_text(fault));
  if (header.raw_size == 0) return damaged("it has an empty frame");
  at_ = raw_.data();
  end_ = raw_.data() + header.raw_size;
  return true;
}

Status RunReader::read_exactly(char* into, std::size_t size) {
  if (size > length_ - offset_) return damaged(to_text(FrameFault::truncated));
  while (size > 0) {
    const auto got = source_->read(into, size);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return damaged(to_text(FrameFault::truncated));
    into += *got;
    size -= *got;
    offset_ += *got;
  }
  return {};
}

Result<bool> RunReader::malformed() {
  at_ = end_;
  return damaged("a record does not end inside its frame");
}

tl::unexpected<Error> RunReader::damaged(std::string_view what) const {
  return failure("run '" + source_->name() + "' is damaged before byte " + std::to_string(offset_) +
                 " of " + std::to_string(length_) + ": " + std::string(what));
}

}  // namespace mesolite::data

// Spill files: sorted runs of records, written once and read as streams.
//
// A file holds any number of runs (a map output: one run per partition), a run is a sequence of
// frames (frame.hpp), a frame a sequence of records (records.hpp). A file has no index of its own:
// its writer keeps the SpillRun of each run and hands it to whoever reads. So nobody can take a
// file that lost its end for a whole one: the reader knows how many bytes and records must come.
//
// Not thread-safe; each object is used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"
#include "mesolite/data/buffer.hpp"
#include "mesolite/data/file.hpp"
#include "mesolite/data/frame.hpp"
#include "mesolite/data/records.hpp"

namespace mesolite::data {

struct SpillRun {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;     // bytes in the file
  std::uint64_t raw_bytes = 0;  // bytes of its records before compression
  std::uint64_t records = 0;

  friend bool operator==(const SpillRun&, const SpillRun&) = default;
};

struct SpillOptions {
  std::size_t frame_size = std::size_t{256} << 10;  // raw bytes collected before a frame is written
  Compression compression = Compression::lz4;
};

class SpillWriter {
 public:
  static Result<std::unique_ptr<SpillWriter>> create(const std::string& path,
                                                     SpillOptions options = {});
  // Its runs come after what is in the file, to which nobody else writes meanwhile.
  static Result<std::unique_ptr<SpillWriter>> append_to(const std::string& path,
                                                        SpillOptions options = {});

  // Appends a record to the current run. Order is the caller's business. Fails on a record of
  // frame_raw_max bytes or more and when the disk does.
  Status append(std::string_view key, std::string_view value) {
    const std::size_t needed = record_size_max(key, value);
    if (needed > raw_.capacity() - raw_size_) {
      if (auto room = make_room(needed); !room) return room;
    }
    char* out = put_varint(raw_.data() + raw_size_, key.size());
    out = put_varint(out, value.size());
    out = copy(copy(out, key), value);
    raw_size_ = static_cast<std::size_t>(out - raw_.data());
    ++run_.records;
    return {};
  }

  Result<SpillRun> end_run();  // the next append starts another
  Status close();              // REQUIRES: the last run is ended

  const std::string& path() const { return file_.path(); }
  std::uint64_t run_offset() const { return run_.offset; }  // of the current run in the file

 private:
  SpillWriter(File file, std::uint64_t offset, SpillOptions options);
  static char* copy(char* out, std::string_view bytes) {
    return out + bytes.copy(out, bytes.size());
  }
  Status make_room(std::size_t needed);
  Status write_frame();

  File file_;
  SpillOptions options_;
  Buffer raw_;
  std::size_t raw_size_ = 0;
  Buffer stored_;
  SpillRun run_;
};

// Where the bytes of a run come from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills `into` with up to `size` bytes; 0 means that there are no more.
  virtual Result<std::size_t> read(char* into, std::size_t size) = 0;
  virtual std::string name() const = 0;  // for error messages
};

std::unique_ptr<ByteSource> file_source(std::shared_ptr<const File> file, SpillRun run);
// `bytes` moves in.
std::unique_ptr<ByteSource> memory_source(std::string name, std::string bytes);

// Reads the records of one run. A short, changed or malformed run is an error that names the
// source and the offset, never a wrong record.
class RunReader {
 public:
  // `length` and `records`: what the writer's SpillRun says.
  RunReader(std::unique_ptr<ByteSource> source, std::uint64_t length, std::uint64_t records);

  // Moves to the next record; false at the end of the run.
  Result<bool> next() {
    if (at_ == end_) {
      if (auto more = next_frame(); !more || !*more) return more;
    }
    at_ = get_record(at_, end_, record_);
    if (at_ == nullptr) return malformed();
    ++records_read_;
    return true;
  }

  // Valid until the next call of next(). REQUIRES: next() answered true.
  std::string_view key() const { return record_.key; }
  std::string_view value() const { return record_.value; }

  std::uint64_t records() const { return records_; }  // of the whole run

 private:
  Result<bool> next_frame();
  Result<bool> malformed();
  Status read_exactly(char* into, std::size_t size);
  tl::unexpected<Error> damaged(std::string_view what) const;

  std::unique_ptr<ByteSource> source_;
  std::uint64_t length_;
  std::uint64_t records_;
  std::uint64_t offset_ = 0;
  std::uint64_t records_read_ = 0;
  Buffer stored_;
  Buffer raw_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  Record record_;
};

}  // namespace mesolite::data

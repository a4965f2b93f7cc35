// BufferedWriter: many small pieces of output as few large writes.
//
// Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "frameworks/mini-hadoop/input/file_system.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::hadoop {

class BufferedWriter {
 public:
  explicit BufferedWriter(std::unique_ptr<WritableFile> file) : file_(std::move(file)) {
    text_.reserve(2 * write_size);
  }

  // What was appended reaches the file at the latest with close().
  std::string& text() { return text_; }
  // To be called after each record.
  Status flush_if_full() { return text_.size() < write_size ? Status{} : flush(); }

  Result<std::uint64_t> close() {  // how many bytes were written
    if (auto flushed = flush(); !flushed) return tl::unexpected(flushed.error());
    if (auto closed = file_->close(); !closed) return tl::unexpected(closed.error());
    return bytes_;
  }

 private:
  static constexpr std::size_t write_size = std::size_t{256} << 10;

  Status flush() {
    bytes_ += text_.size();
    Status written = file_->write(text_);
    text_.clear();
    return written;
  }

  std::unique_ptr<WritableFile> file_;
  std::string text_;
  std::uint64_t bytes_ = 0;
};

}  // namespace mesolite::hadoop

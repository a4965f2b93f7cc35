#include "kernel/container/fetch/extract.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>
#include <string_view>

#include "mesolite/base/text.hpp"

namespace mesolite::container {
namespace {

constexpr std::array<std::string_view, 9> endings = {
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".zip"};
constexpr std::size_t block_bytes = 64u << 10;
constexpr mode_t permissions = 0777;  // never set-user-id and its like
constexpr int disk_flags = ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_UNLINK |
                           ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS |
                           ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;

struct FreeReader {
  void operator()(archive* reader) const { ::archive_read_free(reader); }
};
struct FreeWriter {
  void operator()(archive* writer) const { ::archive_write_free(writer); }
};

class Extraction {
 public:
  Extraction(const std::string& file, const ExtractLimits& limits)
      : file_(file),
        limits_(limits),
        reader_(::archive_read_new()),
        writer_(::archive_write_disk_new()) {
    ::archive_read_support_filter_all(reader_.get());
    ::archive_read_support_format_tar(reader_.get());
    ::archive_read_support_format_zip(reader_.get());
    ::archive_write_disk_set_options(writer_.get(), disk_flags);
  }

  Status run() {
    if (::archive_read_open_filename(reader_.get(), file_.c_str(), block_bytes) != ARCHIVE_OK) {
      return unreadable();
    }
    archive_entry* entry = nullptr;
    int result = ARCHIVE_OK;
    while ((result = ::archive_read_next_header(reader_.get(), &entry)) != ARCHIVE_EOF) {
      if (result < ARCHIVE_WARN) return unreadable();
      if (auto taken = take(entry); !taken) return taken;
    }
    return {};
  }

 private:
  std::string what() const { return "cannot unpack '" + file_ + "'"; }
  tl::unexpected<Error> unreadable() const { return because(reader_.get(), what()); }
  static tl::unexpected<Error> because(archive* of, const std::string& what) {
    const char* why = ::archive_error_string(of);
    return failure(what + ": " + (why == nullptr ? "it cannot be read" : why));
  }

  Status take(archive_entry* entry) {
    const char* path = ::archive_entry_pathname(entry);
    if (path == nullptr) return failure(what() + ": an entry has no name");
    const std::string where = what() + ": '" + path + "'";
    const auto type = ::archive_entry_filetype(entry);
    const bool is_link = ::archive_entry_hardlink(entry) != nullptr;
    if (!is_link && type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK) {
      return failure(where + " is neither a file nor a directory nor a link");
    }
    if (++entries_ > limits_.entries_max) {
      return failure(what() + ": it holds more than " + std::to_string(limits_.entries_max) +
                     " entries");
    }
    ::archive_entry_set_perm(entry, ::archive_entry_perm(entry) & permissions);
    if (::archive_write_header(writer_.get(), entry) < ARCHIVE_WARN) {
      return because(writer_.get(), where);
    }
    if (auto copied = copy_data(where); !copied) return copied;
    if (::archive_write_finish_entry(writer_.get()) < ARCHIVE_WARN) {
      return because(writer_.get(), where);
    }
    return {};
  }

  Status copy_data(const std::string& where) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    while (true) {
      const int result = ::archive_read_data_block(reader_.get(), &block, &size, &offset);
      if (result == ARCHIVE_EOF) return {};
      if (result < ARCHIVE_WARN) return because(reader_.get(), where);
      bytes_ += size;
      if (bytes_ > limits_.bytes_max) {
        return failure(what() + ": it holds more than " + std::to_string(limits_.bytes_max) +
                       " bytes");
      }
      if (::archive_write_data_block(writer_.get(), block, size, offset) < ARCHIVE_WARN) {
        return because(writer_.get(), where);
      }
    }
  }

  const std::string& file_;
  const ExtractLimits limits_;
  std::unique_ptr<archive, FreeReader> reader_;
  std::unique_ptr<archive, FreeWriter> writer_;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

bool is_archive(const std::string& file) {
  const std::string name = lower(file);
  for (const std::string_view ending : endings) {
    if (name.size() > ending.size() && name.ends_with(ending)) return true;
  }
  return false;
}

Status extract(const std::string& file, const ExtractLimits& limits) {
  return Extraction(file, limits).run();
}

}  // namespace mesolite::container

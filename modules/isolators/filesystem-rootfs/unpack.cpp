#include "unpack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <string_view>

namespace mesolite::filesystem_rootfs {
namespace {

constexpr std::size_t block_bytes = 64u << 10;

struct FreeReader {
  void operator()(archive* reader) const { ::archive_read_free(reader); }
};
struct FreeWriter {
  void operator()(archive* writer) const { ::archive_write_free(writer); }
};

class Unpacker {
 public:
  Unpacker(std::filesystem::path directory, const UnpackLimits& limits)
      : directory_(std::move(directory)),
        limits_(limits),
        reader_(::archive_read_new()),
        writer_(::archive_write_disk_new()) {}

  Status run(const std::filesystem::path& file);

 private:
  Status take(archive_entry* entry);
  Status copy_data();
  Status place(archive_entry* entry);
  std::string inside(std::string_view path) const;

  static tl::unexpected<Error> failed(archive* side, const std::string& what) {
    const char* why = ::archive_error_string(side);
    return failure(what + ": " + (why == nullptr ? "unknown error" : why));
  }

  const std::filesystem::path directory_;
  const UnpackLimits limits_;
  std::unique_ptr<archive, FreeReader> reader_;
  std::unique_ptr<archive, FreeWriter> writer_;
  std::int64_t bytes_ = 0;
  std::int64_t files_ = 0;
};

// "./etc/passwd" and "/etc/passwd" are both "<directory>/etc/passwd".
std::string Unpacker::inside(std::string_view path) const {
  while (path.starts_with("/") || path.starts_with("./")) path.remove_prefix(1);
  return directory_.string() + "/" + std::string(path);
}

Status Unpacker::place(archive_entry* entry) {
  const char* path = ::archive_entry_pathname(entry);
  if (path == nullptr) return failure("an entry without a name");
  for (const auto& part : std::filesystem::path(path)) {
    if (part == "..") return failure("'" + std::string(path) + "' leads out of the image");
  }
  ::archive_entry_set_pathname(entry, inside(path).c_str());
  const char* target = ::archive_entry_hardlink(entry);
  if (target != nullptr) ::archive_entry_set_hardlink(entry, inside(target).c_str());
  return {};
}

Status Unpacker::copy_data() {
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  int got = ARCHIVE_OK;
  while ((got = ::archive_read_data_block(reader_.get(), &block, &size, &offset)) == ARCHIVE_OK) {
    bytes_ += static_cast<std::int64_t>(size);
    if (bytes_ > limits_.bytes_max) {
      return failure("it holds more than " + std::to_string(limits_.bytes_max) + " bytes");
    }
    if (::archive_write_data_block(writer_.get(), block, size, offset) < ARCHIVE_OK) {
      return failed(writer_.get(), "cannot write");
    }
  }
  return got == ARCHIVE_EOF ? Status{} : failed(reader_.get(), "cannot read");
}

Status Unpacker::take(archive_entry* entry) {
  const auto type = ::archive_entry_filetype(entry);
  if (type == AE_IFBLK || type == AE_IFCHR || type == AE_IFIFO || type == AE_IFSOCK) return {};
  if (++files_ > limits_.files_max) {
    return failure("it holds more than " + std::to_string(limits_.files_max) + " files");
  }
  if (auto placed = place(entry); !placed) return placed;
  const std::string name = ::archive_entry_pathname(entry);
  if (::archive_write_header(writer_.get(), entry) < ARCHIVE_OK) {
    return failed(writer_.get(), "'" + name + "'");
  }
  if (auto copied = copy_data(); !copied) return failure("'" + name + "'", copied.error());
  if (::archive_write_finish_entry(writer_.get()) < ARCHIVE_OK) {
    return failed(writer_.get(), "'" + name + "'");
  }
  return {};
}

Status Unpacker::run(const std::filesystem::path& file) {
  ::archive_read_support_filter_all(reader_.get());
  ::archive_read_support_format_tar(reader_.get());
  // Names have been made absolute above, so the writer is not asked to refuse those.
  ::archive_write_disk_set_options(
      writer_.get(), ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_OWNER |
                         ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT);
  if (::archive_read_open_filename(reader_.get(), file.c_str(), block_bytes) != ARCHIVE_OK) {
    return failed(reader_.get(), "cannot open it");
  }
  archive_entry* entry = nullptr;
  int got = ARCHIVE_OK;
  while ((got = ::archive_read_next_header(reader_.get(), &entry)) == ARCHIVE_OK) {
    if (auto taken = take(entry); !taken) return taken;
  }
  return got == ARCHIVE_EOF ? Status{} : failed(reader_.get(), "cannot read it");
}

}  // namespace

Status unpack(const std::filesystem::path& archive, const std::filesystem::path& directory,
              const UnpackLimits& limits) {
  if (auto done = Unpacker(directory, limits).run(archive); !done) {
    return failure("cannot unpack '" + archive.string() + "'", done.error());
  }
  return {};
}

}  // namespace mesolite::filesystem_rootfs

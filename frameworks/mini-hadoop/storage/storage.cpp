#include "frameworks/mini-hadoop/storage/storage.hpp"

#include "frameworks/mini-hadoop/storage/decoding_file_system.hpp"
#include "frameworks/mini-hadoop/storage/http.hpp"
#include "frameworks/mini-hadoop/storage/http_file_system.hpp"
#include "frameworks/mini-hadoop/storage/web_hdfs.hpp"

namespace mesolite::hadoop {
namespace {

// Sends each call to the file system of its path's scheme.
class RoutedFileSystem final : public FileSystem {
 public:
  explicit RoutedFileSystem(const std::string& user) : web_hdfs_(user) { start_http(); }

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) const override {
    return of(path).open(path);
  }
  Result<std::vector<FileEntry>> list(const std::string& pattern) const override {
    return of(pattern).list(pattern);
  }
  Result<bool> exists(const std::string& path) const override { return of(path).exists(path); }
  Result<std::vector<Placement>> placements(const FileEntry& file) const override {
    return of(file.path).placements(file);
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    return of(path).create(path);
  }
  Status make_directories(const std::string& path) override {
    return of(path).make_directories(path);
  }
  Status rename(const std::string& from, const std::string& to) override {
    return of(from).rename(from, to);
  }
  Status remove_all(const std::string& path) override { return of(path).remove_all(path); }

 private:
  FileSystem& of(std::string_view path) const {
    if (path.starts_with("webhdfs://")) return web_hdfs_;
    if (path.starts_with("http://") || path.starts_with("https://")) return http_;
    return local_;
  }

  // Their objects hold nothing that a call changes.
  mutable LocalFileSystem local_;
  mutable HttpFileSystem http_;
  mutable WebHdfs web_hdfs_;
};

}  // namespace

std::unique_ptr<FileSystem> make_storage(const std::string& user) {
  return std::make_unique<DecodingFileSystem>(std::make_unique<RoutedFileSystem>(user));
}

bool is_url(std::string_view path) {
  return path.find("://") != std::string_view::npos;
}

}  // namespace mesolite::hadoop

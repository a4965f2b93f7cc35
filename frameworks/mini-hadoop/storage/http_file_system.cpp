#include "frameworks/mini-hadoop/storage/http_file_system.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "frameworks/mini-hadoop/storage/http.hpp"

namespace mesolite::hadoop {
namespace {

tl::unexpected<Error> refused(const std::string& url, const HttpResponse& response) {
  return failure("'" + url + "' answers with status " + std::to_string(response.status));
}

tl::unexpected<Error> read_only(const std::string& url) {
  return failure("'" + url + "' is only there to be read: HTTP takes no output");
}

Result<HttpResponse> head_of(HttpClient& client, const std::string& url) {
  auto response = client.perform({.method = "HEAD", .url = url, .headers = {}, .body = {}});
  if (response && response->status != 200) return refused(url, *response);
  return response;
}

class RangedFile final : public ReadableFile {
 public:
  RangedFile(std::unique_ptr<HttpClient> client, std::string url, std::uint64_t size)
      : client_(std::move(client)), url_(std::move(url)), size_(size) {}

  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) const override {
    if (offset >= size_ || size == 0) return std::size_t{0};
    const std::uint64_t last = std::min<std::uint64_t>(size_, offset + size) - 1;
    const std::string range = "Range: bytes=" + std::to_string(offset) + "-" + std::to_string(last);
    const std::lock_guard lock(mutex_);
    const auto response =
        client_->perform({.method = "GET", .url = url_, .headers = {range}, .body = {}});
    if (!response) return tl::unexpected(response.error());
    if (response->status != 206) return refused(url_, *response);
    if (response->body.size() != last - offset + 1) {
      return failure("'" + url_ + "' sent another range than was asked for");
    }
    return response->body.copy(into, response->body.size());
  }

 private:
  std::unique_ptr<HttpClient> client_;
  std::string url_;
  std::uint64_t size_;
  mutable std::mutex mutex_;  // the client is for one thread at a time
};

class FetchedFile final : public ReadableFile {
 public:
  explicit FetchedFile(std::string content) : content_(std::move(content)) {}

  std::uint64_t size() const override { return content_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) const override {
    if (offset >= content_.size()) return std::size_t{0};
    return content_.copy(into, size, static_cast<std::size_t>(offset));
  }

 private:
  std::string content_;
};

}  // namespace

Result<std::unique_ptr<ReadableFile>> HttpFileSystem::open(const std::string& url) const {
  auto client = std::make_unique<HttpClient>();
  const auto head = head_of(*client, url);
  if (!head) return tl::unexpected(head.error());
  if (head->ranges) {
    return std::make_unique<RangedFile>(std::move(client), url, head->content_length);
  }
  auto whole = client->perform({.method = "GET", .url = url, .headers = {}, .body = {}});
  if (!whole) return tl::unexpected(whole.error());
  if (whole->status != 200) return refused(url, *whole);
  return std::make_unique<FetchedFile>(std::move(whole->body));
}

Result<std::vector<FileEntry>> HttpFileSystem::list(const std::string& url) const {
  HttpClient client;
  const auto head = head_of(client, url);
  if (!head) return failure("cannot use the input", head.error());
  FileEntry entry;
  entry.path = url;
  entry.size = head->content_length;
  return std::vector<FileEntry>{entry};
}

Result<bool> HttpFileSystem::exists(const std::string& url) const {
  HttpClient client;
  const auto response = client.perform({.method = "HEAD", .url = url, .headers = {}, .body = {}});
  if (!response) return tl::unexpected(response.error());
  return response->status == 200;
}

Result<std::unique_ptr<WritableFile>> HttpFileSystem::create(const std::string& url) {
  return read_only(url);
}
Status HttpFileSystem::make_directories(const std::string& url) {
  return read_only(url);
}
Status HttpFileSystem::rename(const std::string& from, const std::string&) {
  return read_only(from);
}
Status HttpFileSystem::remove_all(const std::string& url) {
  return read_only(url);
}

}  // namespace mesolite::hadoop

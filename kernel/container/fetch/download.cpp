#include "kernel/container/fetch/download.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "mesolite/base/text.hpp"

namespace mesolite::container {
namespace {

constexpr long connect_seconds_max = 30;
constexpr long redirects_max = 10;
constexpr long status_not_modified = 304;
constexpr long status_ok_max = 299;

std::string quoted(const FetchItem& item) {
  return "cannot fetch '" + item.uri.value + "'";
}

// What lies there already is replaced, never followed.
Result<Descriptor> create(const FetchItem& item) {
  const mode_t mode = item.uri.executable ? 0755 : 0644;
  if (::unlink(item.file.c_str()) != 0 && errno != ENOENT) {
    return system_failure(quoted(item) + " to '" + item.file + "'", errno);
  }
  Descriptor file(::open(item.file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file) return system_failure(quoted(item) + " to '" + item.file + "'", errno);
  return file;
}

// False with errno set; EFBIG if it is too much.
class Target {
 public:
  Target(const Descriptor& file, std::uint64_t bytes_max) : file_(file), left_(bytes_max) {}

  bool write(const char* bytes, std::size_t count) {
    if (count > left_) {
      error_ = EFBIG;
      return false;
    }
    left_ -= count;
    while (count > 0) {
      const ssize_t written = ::write(file_.get(), bytes, count);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        error_ = errno;
        return false;
      }
      bytes += written;
      count -= static_cast<std::size_t>(written);
    }
    return true;
  }
  int error() const { return error_; }

 private:
  const Descriptor& file_;
  std::uint64_t left_;
  int error_ = 0;
};

Status copy(const FetchItem& item, const Descriptor& from, Target& target) {
  std::array<char, 1u << 16> piece;
  off_t offset = 0;
  while (true) {
    const ssize_t count = ::pread(from.get(), piece.data(), piece.size(), offset);
    if (count < 0) return system_failure(quoted(item), errno);
    if (count == 0) return {};
    if (!target.write(piece.data(), static_cast<std::size_t>(count))) {
      return system_failure(quoted(item), target.error());
    }
    offset += count;
  }
}

// ---- files --------------------------------------------------------------------------------------

Result<Fetched> copy_file(const FetchItem& item, const std::string& path, const FetchOrder& order) {
  const Descriptor from(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat facts {};
  if (!from || ::fstat(from.get(), &facts) != 0) return system_failure(quoted(item), errno);
  if (!S_ISREG(facts.st_mode)) return failure(quoted(item) + ": it is not a regular file");
  auto file = create(item);
  if (!file) return tl::unexpected(file.error());
  Target target(*file, order.bytes_max);
  if (auto copied = copy(item, from, target); !copied) return tl::unexpected(copied.error());
  return Fetched{};
}

// ---- http and https -----------------------------------------------------------------------------

struct FreeCurl {
  void operator()(CURL* curl) const { ::curl_easy_cleanup(curl); }
};
struct FreeList {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};

std::size_t take_body(const char* bytes, std::size_t size, std::size_t count, void* target) {
  return static_cast<Target*>(target)->write(bytes, size * count) ? size * count : 0;
}

std::size_t take_header(const char* bytes, std::size_t size, std::size_t count, void* fetched) {
  const std::string_view line(bytes, size * count);
  Fetched& answer = *static_cast<Fetched*>(fetched);
  if (line.starts_with("HTTP/")) answer = {};  // of the next in a row of redirects
  const auto colon = line.find(':');
  if (colon == line.npos) return size * count;
  const std::string name = lower(line.substr(0, colon));
  const std::string value(trim(line.substr(colon + 1)));
  if (name == "etag") answer.etag = value;
  if (name == "last-modified") answer.modified_at = value;
  return size * count;
}

std::unique_ptr<curl_slist, FreeList> conditions_of(const FetchItem& item) {
  curl_slist* headers = nullptr;
  if (!item.etag.empty()) {
    headers = ::curl_slist_append(headers, ("If-None-Match: " + item.etag).c_str());
  } else if (!item.modified_at.empty()) {
    headers = ::curl_slist_append(headers, ("If-Modified-Since: " + item.modified_at).c_str());
  }
  return std::unique_ptr<curl_slist, FreeList>(headers);
}

void prepare(CURL* curl, const FetchItem& item, const FetchOrder& order) {
  ::curl_easy_setopt(curl, CURLOPT_URL, item.uri.value.c_str());
  ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  ::curl_easy_setopt(curl, CURLOPT_MAXREDIRS, redirects_max);
  ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_seconds_max);
  const auto stall = std::chrono::ceil<std::chrono::seconds>(order.stall_timeout).count();
  ::curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  ::curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(stall));
  ::curl_easy_setopt(curl, CURLOPT_USERAGENT, "mesolite-fetch");
}

Result<Fetched> get(const FetchItem& item, const FetchOrder& order, const Descriptor& cached) {
  const std::unique_ptr<CURL, FreeCurl> curl(::curl_easy_init());
  if (!curl) return failure(quoted(item) + ": libcurl cannot be used");
  auto file = create(item);
  if (!file) return tl::unexpected(file.error());
  Target target(*file, order.bytes_max);
  Fetched answer;
  prepare(curl.get(), item, order);
  const auto conditions = conditions_of(item);
  if (cached) ::curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, conditions.get());
  ::curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  ::curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_body);
  ::curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &target);
  ::curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, take_header);
  ::curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer);
  const CURLcode code = ::curl_easy_perform(curl.get());
  long status = 0;
  ::curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (target.error() != 0) return system_failure(quoted(item), target.error());
  if (code == CURLE_HTTP_RETURNED_ERROR ||
      (code == CURLE_OK && status > status_ok_max && (status != status_not_modified || !cached))) {
    return failure(quoted(item) + ": the server answers with status " + std::to_string(status));
  }
  if (code != CURLE_OK) return failure(quoted(item) + ": " + ::curl_easy_strerror(code));
  if (status != status_not_modified) return answer;
  if (auto copied = copy(item, cached, target); !copied) return tl::unexpected(copied.error());
  answer = {true, item.etag, item.modified_at};
  return answer;
}

}  // namespace

Result<Fetched> download(const FetchItem& item, const FetchOrder& order, const Descriptor& cached) {
  constexpr std::string_view file_scheme = "file://";
  const std::string& value = item.uri.value;
  if (value.starts_with("/")) return copy_file(item, value, order);
  const std::string scheme = lower(value.substr(0, value.find("://")));
  if (scheme == "file" && value.substr(file_scheme.size()).starts_with("/")) {
    return copy_file(item, value.substr(file_scheme.size()), order);
  }
  if (scheme == "http" || scheme == "https") return get(item, order, cached);
  return failure(quoted(item) +
                 ": it is neither file:///PATH, nor an absolute path, nor http or "
                 "https");
}

}  // namespace mesolite::container

#include "frameworks/mini-hadoop/storage/http.hpp"

#include <curl/curl.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "mesolite/base/check.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::hadoop {
namespace {

constexpr int attempts_max = 3;
constexpr long connect_timeout_s = 10;
constexpr long silence_timeout_s = 30;

struct HeaderListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, HeaderListFree>;

struct Upload {
  std::string_view whole;
  std::string_view left;
};

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* response) {
  std::string& body = static_cast<HttpResponse*>(response)->body;
  if (body.size() + size > HttpClient::body_max) return 0;
  body.append(bytes, size);
  return size;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t size, void* into) {
  auto& response = *static_cast<HttpResponse*>(into);
  const std::string_view header(bytes, size);
  if (header.starts_with("HTTP/")) response = {};  // of the next one after a redirect
  const std::size_t colon = header.find(':');
  if (colon == std::string_view::npos) return size;
  const std::string name = lower(header.substr(0, colon));
  const std::string value(trim(header.substr(colon + 1)));
  if (name == "location") response.location = value;
  if (name == "accept-ranges") response.ranges = value == "bytes";
  if (name == "content-length") {
    response.content_length = std::strtoull(value.c_str(), nullptr, 10);
  }
  return size;
}

std::size_t give_body(char* into, std::size_t, std::size_t size, void* upload) {
  std::string_view& left = static_cast<Upload*>(upload)->left;
  const std::size_t given = left.copy(into, size);
  left.remove_prefix(given);
  return given;
}

// A redirect or a stale connection makes libcurl begin again.
int seek_body(void* into, curl_off_t offset, int origin) {
  auto& upload = *static_cast<Upload*>(into);
  const auto at = static_cast<std::size_t>(offset);
  if (origin != SEEK_SET || at > upload.whole.size()) return CURL_SEEKFUNC_FAIL;
  upload.left = upload.whole.substr(at);
  return CURL_SEEKFUNC_OK;
}

bool is_repeatable(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

}  // namespace

class HttpClient::Implementation {
 public:
  Implementation() : curl_(curl_easy_init()) {
    MESOLITE_CHECK(curl_ != nullptr, "libcurl has memory to begin");
  }
  ~Implementation() { curl_easy_cleanup(curl_); }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  Result<HttpResponse> perform(const HttpRequest& request) {
    for (int attempt = 1;; ++attempt) {
      HttpResponse response;
      const CURLcode outcome = send(request, response);
      if (outcome == CURLE_OK) return response;
      if (attempt < attempts_max && is_repeatable(request.method)) continue;
      return failure("no answer from '" + request.url + "': " + curl_easy_strerror(outcome));
    }
  }

 private:
  CURLcode send(const HttpRequest& request, HttpResponse& response) {
    curl_easy_reset(curl_);  // the connections stay
    HeaderList headers;
    for (const std::string& header : request.headers) {
      headers.reset(curl_slist_append(headers.release(), header.c_str()));
    }
    Upload upload{request.body, request.body};
    curl_easy_setopt(curl_, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT, connect_timeout_s);
    curl_easy_setopt(curl_, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl_, CURLOPT_LOW_SPEED_TIME, silence_timeout_s);
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &response);
    curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &response);
    const bool follow = request.redirects == Redirects::follow;
    curl_easy_setopt(curl_, CURLOPT_FOLLOWLOCATION, follow ? 1L : 0L);
    if (request.method == "HEAD") {
      curl_easy_setopt(curl_, CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST") {
      curl_easy_setopt(curl_, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(curl_, CURLOPT_READFUNCTION, give_body);
      curl_easy_setopt(curl_, CURLOPT_READDATA, &upload);
      curl_easy_setopt(curl_, CURLOPT_SEEKFUNCTION, seek_body);
      curl_easy_setopt(curl_, CURLOPT_SEEKDATA, &upload);
      curl_easy_setopt(curl_, CURLOPT_INFILESIZE_LARGE,
                       static_cast<curl_off_t>(request.body.size()));
    }
    if (request.method != "HEAD") {
      curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    const CURLcode outcome = curl_easy_perform(curl_);
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &response.status);
    return outcome;
  }

  CURL* const curl_;
};

HttpClient::HttpClient() : implementation_(std::make_unique<Implementation>()) {}
HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::perform(const HttpRequest& request) {
  return implementation_->perform(request);
}

void start_http() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

std::string url_encoded(std::string_view text) {
  constexpr std::string_view hex_digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if (std::isalnum(value) != 0 || std::string_view("-._~").find(byte) != std::string_view::npos) {
      encoded += byte;
    } else {
      encoded += {'%', hex_digits[value >> 4], hex_digits[value & 0xF]};
    }
  }
  return encoded;
}

}  // namespace mesolite::hadoop

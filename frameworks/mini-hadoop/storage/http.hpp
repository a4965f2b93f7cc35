// HttpClient: one HTTP(S) request at a time over a connection that it keeps (libcurl, which stays
// in http.cpp).
//
// A resource, used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite::hadoop {

enum class Redirects { follow, report };

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string_view body;
  Redirects redirects = Redirects::follow;
};

struct HttpResponse {
  long status = 0;
  std::string location;              // of a redirect
  std::uint64_t content_length = 0;  // as the server says, also where there is no body
  bool ranges = false;               // whether it says that it can send parts
  std::string body;
};

class HttpClient {
 public:
  static constexpr std::size_t body_max = std::size_t{256} << 20;

  HttpClient();
  ~HttpClient();

  // Fails when there is no answer; what the answer's status means is the caller's business. What
  // got no answer at all is tried three times, if doing it twice does no harm.
  Result<HttpResponse> perform(const HttpRequest& request);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// To be called once, before there are threads.
void start_http();
// For one segment of a path or one value of a query.
std::string url_encoded(std::string_view text);

}  // namespace mesolite::hadoop

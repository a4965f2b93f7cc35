// One HTTP request and its answer as plain values, and the promise to answer.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite::http {

struct Request {
  std::string method;                        // "GET"
  std::string target;                        // as sent, "/a%20b?x=1"
  std::string path;                          // decoded, without a trailing slash but for "/" itself
  std::map<std::string, std::string> query;  // decoded; of equal names the last counts
  std::map<std::string, std::string>
      headers;  // names in lower case; of equal names the last counts
  std::string body;
  std::string peer;  // address of the client

  // The value of a header (its name in lower case), or "".
  std::string_view header(const std::string& name) const;
  // The value of a query parameter, or `fallback`.
  std::string_view parameter(const std::string& name, std::string_view fallback = {}) const;
};

struct Response {
  int status = 200;
  std::string content_type;  // exactly as sent; empty: no such header
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // further ones
};

Response json_response(std::string body);
// A plain sentence for people and logs.
Response error_response(int status, std::string sentence);
// 307; `location` as it stands in the header.
Response redirect_response(std::string location);

// "Not Found" of 404; "" of an unknown status.
std::string_view status_text(int status);

// Fills target, path and query. Fails on a target that is no path ("*", "x"), on broken percent
// signs and on control characters.
Status parse_target(std::string_view target, Request& request);

// The promise to answer one request, copied to whoever keeps it. Answers at most once; if the last
// copy goes away unused, the client is told 500. [any thread]
class Responder {
 public:
  using Send = std::function<void(Response)>;

  explicit Responder(Send send);
  void operator()(Response response) const;

 private:
  struct Promise;
  std::shared_ptr<Promise> promise_;
};

// Answers now, or keeps the responder and answers later. Called on HTTP threads, several at a time.
using Handler = std::function<void(const Request&, const Responder&)>;

}  // namespace mesolite::http

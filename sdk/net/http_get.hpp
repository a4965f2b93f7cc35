// A small blocking HTTP client: enough to ask a master where its bus is, and to read /state. For
// helper threads and command-line tools, never for a reactor's thread.
//
// No state; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::net {

inline constexpr std::size_t http_reply_size_max = std::size_t{512} << 20;

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

// Reads "host:port"; both must be there.
Result<HostPort> parse_host_port(const std::string& address);

// The HTTP side of a daemon.
struct HttpAddress {
  std::string host;  // a name or an IPv4 address
  std::uint16_t port = 0;
  bool encrypted = false;  // HTTPS, of a server whose certificate is trusted (tls_client.hpp)
};

// Reads "host:port", "http://host:port" or "https://host:port".
Result<HttpAddress> parse_http_address(const std::string& address);
std::string to_text(const HttpAddress& address);  // "http://host:port"

// Asks for `path` ("/state?x=1"); `authorization` is that header, or "". Fails if no whole answer
// of at most http_reply_size_max has come after `timeout`, which does not bound the look-up of a
// name. Any status is an answer; redirects are not followed.
Result<HttpReply> http_get(const HttpAddress& address, const std::string& path, Duration timeout,
                           const std::string& authorization = "");
Result<HttpReply> http_get(const std::string& host, std::uint16_t port, const std::string& path,
                           Duration timeout);

// What GET /bus tells of the leading master.
struct BusAddress {
  std::string bus;  // "tcp://ip:port"
  std::uint64_t epoch = 0;
  std::string version;
  std::string cluster;  // id of the cluster that the epoch counts for
};

// Asks the master whose HTTP side is at `address` (as parse_http_address() reads it).
Result<BusAddress> ask_bus(const std::string& address, Duration timeout);

}  // namespace mesolite::net

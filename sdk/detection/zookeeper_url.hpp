// "zk://user:password@h1:2181,h2:2181/mesos": where an ensemble is, and what on it is ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite::detection {

struct ZooKeeperUrl {
  std::vector<std::string> servers;  // "host:port"
  std::string path;                  // "/mesos", without a slash at its end; never ""
  std::string credential;            // "user:password", or ""

  friend bool operator==(const ZooKeeperUrl&, const ZooKeeperUrl&) = default;
};

inline constexpr std::string_view zookeeper_scheme = "zk://";

// A server without a port has ZooKeeper's own, 2181. The error repeats no password.
Result<ZooKeeperUrl> parse_zookeeper_url(std::string_view text);

// "h1:2181,h2:2181", as the client library wants them.
std::string server_list(const ZooKeeperUrl& url);

}  // namespace mesolite::detection

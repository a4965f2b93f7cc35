#include "sdk/detection/zookeeper_url.hpp"

#include "mesolite/base/text.hpp"
#include "sdk/net/http_get.hpp"

namespace mesolite::detection {
namespace {

constexpr const char* port_by_default = ":2181";

// ZooKeeper's own rule for a path, less what no one has use for.
bool is_path(std::string_view path) {
  if (!path.starts_with('/') || path.size() < 2) return false;
  for (const std::string_view part : split(path.substr(1), '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return path.find_first_of(" \t\n\r") == std::string_view::npos;
}

Result<std::string> read_server(std::string_view text) {
  std::string server(text);
  if (server.find(':') == std::string::npos) server += port_by_default;
  if (!net::parse_host_port(server)) return failure("'" + server + "' is no host:port");
  return server;
}

}  // namespace

Result<ZooKeeperUrl> parse_zookeeper_url(std::string_view text) {
  const auto refuse = [](const std::string& why) {
    return failure("expected zk://host:port,host:port/path, but " + why);
  };
  if (!text.starts_with(zookeeper_scheme)) return refuse("it does not begin with zk://");
  text.remove_prefix(zookeeper_scheme.size());
  ZooKeeperUrl url;
  const std::size_t slash = text.find('/');
  std::string_view servers = text.substr(0, slash);
  if (const std::size_t at = servers.rfind('@'); at != std::string_view::npos) {
    url.credential = servers.substr(0, at);
    servers.remove_prefix(at + 1);
    const std::size_t colon = url.credential.find(':');
    if (colon == 0 || colon == std::string::npos) {
      return refuse("what stands before '@' is no user:password");
    }
  }
  if (servers.empty()) return refuse("it names no server");
  for (const std::string_view part : split(servers, ',')) {
    auto server = read_server(trim(part));
    if (!server) return refuse(server.error().message);
    url.servers.push_back(std::move(*server));
  }
  std::string_view path = slash == std::string_view::npos ? "" : text.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return refuse("there is no path after the servers, such as /mesos");
  if (!is_path(path)) return refuse("'" + std::string(path) + "' is no path");
  url.path = path;
  return url;
}

std::string server_list(const ZooKeeperUrl& url) {
  std::string list;
  for (const std::string& server : url.servers) list += (list.empty() ? "" : ",") + server;
  return list;
}

}  // namespace mesolite::detection

// `mesolite agents | frameworks | tasks`: what a master's /state holds, as a table or as JSON.
#include <iostream>

#include "kernel/daemon/cluster_tables.hpp"
#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/start_up.hpp"
#include "sdk/detection/detector.hpp"
#include "sdk/net/http_get.hpp"

namespace mesolite::daemon {
namespace {

constexpr Duration answer_timeout = 10s;

// "host:port" of the HTTP side of a master that may be given in other ways.
Result<std::string> http_address(const std::string& master) {
  if (net::parse_host_port(master)) return master;
  auto leader = detection::find_leader(master, answer_timeout);
  if (!leader) return tl::unexpected(leader.error());
  if (leader->port != 0) return leader->ip + ":" + std::to_string(leader->port);
  return failure("'" + master + "' names no HTTP side");
}

// "//host:port/path" of a redirection, without what is around host:port.
std::string redirected_to(const net::HttpReply& reply) {
  const auto location = reply.headers.find("location");
  if (reply.status != 307 || location == reply.headers.end()) return "";
  const std::string& target = location->second;
  const std::size_t begin = target.find("//");
  if (begin == std::string::npos) return "";
  return target.substr(begin + 2, target.find('/', begin + 2) - begin - 2);
}

Result<net::HttpReply> get_state(const std::string& address) {
  const auto place = net::parse_host_port(address);
  if (!place) return tl::unexpected(place.error());
  return net::http_get(place->host, place->port, "/state", answer_timeout);
}

Result<std::string> fetch_state(const std::string& master) {
  const auto address = http_address(master);
  if (!address) return failure("--master", address.error());
  auto reply = get_state(*address);
  // A master that does not lead knows who does.
  if (reply && !redirected_to(*reply).empty()) reply = get_state(redirected_to(*reply));
  if (!reply) return failure("no answer from the master at " + master, reply.error());
  if (reply->status != 200) {
    return failure("the master at " + master + " answers " + std::to_string(reply->status) +
                   (reply->body.empty() ? "" : ": " + reply->body));
  }
  return std::move(reply->body);
}

}  // namespace

int list_command(Listed what, const ListOptions& options) {
  const auto state = fetch_state(options.master);
  if (!state) return fail("mesolite", state.error());
  const auto text =
      options.json ? json_of(what, *state, options.all) : table_of(what, *state, options.all);
  if (!text) return fail("mesolite", text.error());
  std::cout << *text << std::flush;
  return 0;
}

}  // namespace mesolite::daemon

// `mesolite agents | frameworks | tasks`: what a master's /state holds, as a table or as JSON.
#include <iostream>

#include "kernel/daemon/cluster_tables.hpp"
#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/start_up.hpp"
#include "sdk/net/http_get.hpp"

namespace mesolite::daemon {
namespace {

constexpr Duration answer_timeout = 10s;

Result<std::string> fetch_state(const std::string& master) {
  const auto address = net::parse_host_port(master);
  if (!address) return failure("--master", address.error());
  auto reply = net::http_get(address->host, address->port, "/state", answer_timeout);
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

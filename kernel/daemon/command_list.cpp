// `mesolite agents | frameworks | tasks`: what a master's /state holds, as a table or as JSON.
#include <iostream>

#include "kernel/daemon/cluster_tables.hpp"
#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/start_up.hpp"
#include "mesolite/base/guarded_file.hpp"
#include "mesolite/base/text.hpp"
#include "mesolite/credentials/credentials.hpp"
#include "sdk/detection/detector.hpp"
#include "sdk/net/http_get.hpp"

namespace mesolite::daemon {
namespace {

constexpr Duration answer_timeout = 10s;

// "host:port" of the HTTP side of a master that may be given in other ways.
Result<std::string> http_address(const std::string& master) {
  if (net::parse_http_address(master)) return master;
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

// Of the same kind as the master that sent us there.
std::string with_scheme_of(const std::string& master, const std::string& address) {
  return (master.starts_with("https://") ? "https://" : "") + address;
}

Result<std::string> first_line(const std::string& what, const std::string& file) {
  const auto text = read_secret_file(what, file);
  if (!text) return tl::unexpected(text.error());
  return std::string(trim(split(*text, '\n').front()));
}

// What the header Authorization says of who asks.
Result<std::string> authorization_of(const ListOptions& options) {
  if (!options.token_file.empty()) {
    const auto token = first_line("the token file", options.token_file);
    return token ? "Bearer " + *token : token;
  }
  if (options.principal.empty()) return "";
  const auto secret = first_line("the secret file", options.secret_file);
  if (!secret) return tl::unexpected(secret.error());
  return basic_authorization(options.principal, *secret);
}

Result<net::HttpReply> get_state(const std::string& address, const std::string& authorization) {
  const auto place = net::parse_http_address(address);
  if (!place) return tl::unexpected(place.error());
  return net::http_get(*place, "/state", answer_timeout, authorization);
}

Result<std::string> fetch_state(const ListOptions& options) {
  const std::string& master = options.master;
  const auto authorization = authorization_of(options);
  if (!authorization) return tl::unexpected(authorization.error());
  const auto address = http_address(master);
  if (!address) return failure("--master", address.error());
  auto reply = get_state(*address, *authorization);
  // A master that does not lead knows who does.
  if (reply && !redirected_to(*reply).empty()) {
    reply = get_state(with_scheme_of(*address, redirected_to(*reply)), *authorization);
  }
  if (!reply) return failure("no answer from the master at " + master, reply.error());
  if (reply->status != 200) {
    return failure("the master at " + master + " answers " + std::to_string(reply->status) +
                   (reply->body.empty() ? "" : ": " + reply->body));
  }
  return std::move(reply->body);
}

}  // namespace

int list_command(Listed what, const ListOptions& options) {
  const auto state = fetch_state(options);
  if (!state) return fail("mesolite", state.error());
  const auto text =
      options.json ? json_of(what, *state, options.all) : table_of(what, *state, options.all);
  if (!text) return fail("mesolite", text.error());
  std::cout << *text << std::flush;
  return 0;
}

}  // namespace mesolite::daemon

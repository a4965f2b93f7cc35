// What both daemons do to be reached: listen on the bus and on HTTP, and count what passes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "kernel/http/door.hpp"
#include "kernel/http/server.hpp"
#include "sdk/net/bus.hpp"

namespace mesolite::runtime {

// Listens on `ip` and a port (0: any free one); the endpoint under which others reach it, with
// `shown_ip` for its address.
Result<std::string> listen_bus(net::BusServer& bus, const std::string& ip, std::uint16_t port,
                               const std::string& shown_ip);

Result<std::uint16_t> listen_http(http::HttpServer& server, const std::string& ip,
                                  std::int64_t port, std::int64_t threads);

http::ServerLimits http_limits(std::int64_t connections_max, std::uint64_t body_size_max);

// Lets requests go on once the snapshot that is looked at is fresh. What changes with the daemon
// and not with every task (/bus, which every peer asks for when it connects) goes on at once.
http::Between refreshed(std::function<void(std::function<void()> ready)> refresh);

// "bus/frames_in" -> 17, …
void add_counters(const net::BusCounters& counters, std::map<std::string, double>& metrics);

}  // namespace mesolite::runtime

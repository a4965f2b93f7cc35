#include "kernel/runtime/listening.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mesolite::runtime {

Result<std::string> listen_bus(net::BusServer& bus, const std::string& ip, std::uint16_t port,
                               const std::string& shown_ip) {
  const std::string wanted =
      "tcp://" + ip + ":" + (port == 0 ? std::string("*") : std::to_string(port));
  auto bound = bus.bind(wanted);
  if (!bound) return failure("cannot listen for the bus on " + wanted, bound.error());
  const std::size_t colon = bound->rfind(':');
  return "tcp://" + shown_ip + bound->substr(colon);
}

Result<std::uint16_t> listen_http(http::HttpServer& server, const std::string& ip,
                                  std::int64_t port, std::int64_t threads) {
  return server.start(ip, static_cast<std::uint16_t>(port), static_cast<int>(threads));
}

http::ServerLimits http_limits(std::int64_t connections_max, std::uint64_t body_size_max) {
  http::ServerLimits limits;
  limits.connections_max = static_cast<std::size_t>(connections_max);
  limits.body_size_max = body_size_max;
  return limits;
}

http::Between refreshed(std::function<void(std::function<void()> ready)> refresh) {
  return [refresh = std::move(refresh)](const http::Request& request, std::function<void()> go_on) {
    constexpr std::array<std::string_view, 4> constant = {"/bus", "/health", "/redirect",
                                                          "/version"};
    if (std::find(constant.begin(), constant.end(), request.path) != constant.end()) {
      return go_on();
    }
    refresh(std::move(go_on));
  };
}

void add_counters(const net::BusCounters& counters, std::map<std::string, double>& metrics) {
  const auto add = [&](const char* name, std::uint64_t count) {
    metrics["bus/" + std::string(name)] = static_cast<double>(count);
  };
  add("frames_in", counters.frames_in);
  add("frames_out", counters.frames_out);
  add("messages_in", counters.messages_in);
  add("messages_out", counters.messages_out);
  add("bytes_in", counters.bytes_in);
  add("bytes_out", counters.bytes_out);
  add("malformed", counters.malformed);
  add("unknown", counters.unknown);
  add("stale", counters.stale);
  add("cut_off", counters.cut_off);
  add("cut_off_crowding", counters.crowding);
  add("cut_off_silent", counters.silent);
  add("cut_off_flooding", counters.flooding);
  add("cut_off_slow", counters.slow);
}

}  // namespace mesolite::runtime

#include "network_ports.hpp"

#include <set>

namespace mesolite::network_ports {
namespace {

// "31000, 31005 and 8080"
std::string listed(const std::set<std::uint16_t>& ports) {
  std::string text;
  for (auto port = ports.begin(); port != ports.end(); ++port) {
    if (port != ports.begin()) text += std::next(port) == ports.end() ? " and " : ", ";
    text += std::to_string(*port);
  }
  return text;
}

}  // namespace

Result<WatchAnswer> NetworkPortsIsolator::watch(const ContainerContext&) {
  WatchAnswer answer;
  answer.interval = std::chrono::milliseconds(parameters_.watch_interval_ms);
  return answer;
}

Result<CheckAnswer> NetworkPortsIsolator::check(const ContainerContext& container) {
  CheckAnswer answer;
  // In a network of its own a container may listen where it likes.
  if (container.pid <= 0 || !shares_network(parameters_.proc, container.pid)) return answer;
  const auto listening = listening_sockets(parameters_.proc, container.pid);
  const Ranges granted = container.requests.ranges("ports");
  std::set<std::uint16_t> strange;
  for (const ProcessUsage& process : processes_.container(container.pid)) {
    for (const std::uint64_t socket : open_sockets(parameters_.proc, process.pid)) {
      const auto found = listening.find(socket);
      const std::uint64_t port = found == listening.end() ? 0 : found->second;
      if (port != 0 && !granted.contains(Ranges({{port, port}}))) {
        strange.insert(found->second);
      }
    }
  }
  if (strange.empty()) return answer;
  const std::string what = std::string("listens on TCP port") + (strange.size() > 1 ? "s " : " ") +
                           listed(strange) + ", which it was not given";
  if (!parameters_.enforce) {
    host_.log(Severity::warning, "container " + container.id.value + " " + what);
    return answer;
  }
  Limitation limitation;
  limitation.message = "the container " + what;
  answer.limitation = std::move(limitation);
  return answer;
}

}  // namespace mesolite::network_ports

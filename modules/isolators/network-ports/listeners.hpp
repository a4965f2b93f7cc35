// Who listens on which TCP port, as /proc tells.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace mesolite::network_ports {

// Socket -> port of all sockets that listen in the network namespace of a process.
std::map<std::uint64_t, std::uint16_t> listening_sockets(const std::string& proc,
                                                         std::int64_t process);
// The sockets that a process has open.
std::set<std::uint64_t> open_sockets(const std::string& proc, std::int64_t process);
// Whether a process is in the network namespace of this one.
bool shares_network(const std::string& proc, std::int64_t process);

}  // namespace mesolite::network_ports

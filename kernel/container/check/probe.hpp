// The checks themselves. None has a timeout of its own: whoever started us ends us.
#pragma once

#include "kernel/container/check/check_messages.hpp"
#include "kernel/container/check/likeness.hpp"

namespace mesolite::container {

// Whether 127.0.0.1 or ::1 takes a connection on the port.
CheckOutcome probe_tcp(std::uint16_t port);
// Whether a GET of the path is answered with a status from 200 to 399.
CheckOutcome probe_http(std::uint16_t port, const std::string& path);
// How the command ends: in the container, in the likeness of its program.
CheckOutcome probe_command(const CommandInfo& command, const Likeness& likeness);

}  // namespace mesolite::container

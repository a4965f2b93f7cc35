// SocketName: a socket of ZeroMQ's, which may close it at any moment and whose descriptor the
// system then gives to another. The inode tells the two apart for as long as the system runs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace mesolite::net {

struct SocketName {
  int descriptor = -1;
  ino_t inode = 0;  // 0: there was none
};

// Of what is behind the descriptor now.
SocketName name_socket(int descriptor);

// All of these do nothing, or know nothing, if the socket is closed.
// What has been sent still arrives. As long as data keeps coming in, it is read.
void shut_down(const SocketName& socket);
// At once: nothing more arrives, on either side.
void reset(const SocketName& socket);
std::string remote_address(const SocketName& socket);  // "127.0.0.1:40123"; "" if not of TCP
// What has come over a TCP connection so far, as the kernel counts it.
std::optional<std::uint64_t> bytes_received(const SocketName& socket);

}  // namespace mesolite::net

// What the kernel is asked over rtnetlink(7) to set up a container's network.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <string>

#include "mesolite/base/result.hpp"

namespace mesolite::network_namespace {

// A socket of the network namespace in which it was opened. All calls fail with a sentence.
class Netlink {
 public:
  static Result<Netlink> open();
  ~Netlink();
  Netlink(Netlink&& other) noexcept;
  Netlink& operator=(Netlink&&) = delete;

  // A pair of connected interfaces: `here`, and `there` in the namespace that a descriptor stands
  // for.
  Status make_pair(const std::string& here, const std::string& there, int there_namespace);
  Status set_up(const std::string& interface);
  // Addresses are IPv4 in host byte order; one is added as a network of its own (/32).
  Status add_address(const std::string& interface, std::uint32_t address);
  // To one address through an interface.
  Status add_route(const std::string& interface, std::uint32_t address);
  // To all others, by way of a gateway that add_route() has made known.
  Status add_default_route(const std::string& interface, std::uint32_t gateway);
  // An interface that is not there is fine; the other of its pair goes with it.
  Status remove(const std::string& interface);

 private:
  explicit Netlink(int socket) : socket_(socket) {}
  int ask(nlmsghdr& request);  // errno, or 0

  int socket_ = -1;
};

}  // namespace mesolite::network_namespace

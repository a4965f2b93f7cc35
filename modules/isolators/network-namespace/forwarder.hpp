// Forwarder: hands TCP connections on from ports of the host to those of containers, in user space,
// so that neither netfilter nor its tools are needed.
//
// One thread of its own moves the bytes. The mutex guards what it is asked for: it is held for
// moments only, and never while a descriptor is used.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mesolite/base/ids.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::network_namespace {

class Forwarder {
 public:
  explicit Forwarder(std::size_t connections_max);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // From now on, what connects to `port` of `host` reaches the same port of `target`; addresses are
  // IPv4 in host byte order. Fails with a sentence if the port is taken.
  Status forward(const ContainerId& container, std::uint32_t host, std::uint16_t port,
                 std::uint32_t target);
  // Ends all of a container's, open connections too.
  void remove(const ContainerId& container);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace mesolite::network_namespace

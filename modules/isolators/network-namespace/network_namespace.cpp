#include "network_namespace.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <thread>

#include "mesolite/base/text.hpp"
#include "netlink.hpp"

namespace mesolite::network_namespace {
namespace {

constexpr const char* inside = "eth0";
constexpr unsigned bits_max = 29;  // a smaller subnet holds hardly anybody

Result<std::uint32_t> parse_address(const std::string& text) {
  in_addr address{};
  if (::inet_pton(AF_INET, text.c_str(), &address) != 1) {
    return failure("'" + text + "' is not an IPv4 address");
  }
  return ntohl(address.s_addr);
}

// Names of interfaces end at 15 characters; an address of ours is in use once.
std::string interface_of(std::uint32_t address) {
  constexpr char digits[] = "0123456789abcdef";
  std::string name = "meso";
  for (int shift = 28; shift >= 0; shift -= 4) name += digits[(address >> shift) & 0xf];
  return name;
}

// In the namespace of the container, which only this thread enters.
Status set_up_inside(int network, std::uint32_t address, std::uint32_t gateway) {
  if (::setns(network, CLONE_NEWNET) != 0) {
    return system_failure("cannot enter the container's network", errno);
  }
  auto netlink = Netlink::open();
  if (!netlink) return tl::unexpected(netlink.error());
  Status status = netlink->set_up("lo");
  if (status) status = netlink->set_up(inside);
  if (status) status = netlink->add_address(inside, address);
  if (status) status = netlink->add_route(inside, gateway);
  if (status) status = netlink->add_default_route(inside, gateway);
  return status;
}

Status connect(int network, std::uint32_t address, std::uint32_t gateway) {
  auto netlink = Netlink::open();
  if (!netlink) return tl::unexpected(netlink.error());
  const std::string interface = interface_of(address);
  Status status = netlink->make_pair(interface, inside, network);
  if (status) status = netlink->set_up(interface);
  if (status) status = netlink->add_address(interface, gateway);
  if (status) status = netlink->add_route(interface, address);
  if (!status) return status;
  std::thread([&] { status = set_up_inside(network, address, gateway); }).join();
  return status;
}

}  // namespace

Result<Nothing> NetworkIsolator::probe(const IsolatorProbe& probe) {
  memory_ = std::filesystem::path(probe.work_dir) / "networks";
  if (::geteuid() != 0) return failure("only root makes network namespaces");
  const auto slash = parameters_.subnet.find('/');
  const auto base = parse_address(parameters_.subnet.substr(0, slash));
  unsigned bits = 0;
  if (slash != std::string::npos) {
    const char* end = parameters_.subnet.data() + parameters_.subnet.size();
    std::from_chars(parameters_.subnet.data() + slash + 1, end, bits);
  }
  if (!base || bits < 8 || bits > bits_max) {
    return failure("subnet '" + parameters_.subnet + "' is not like 172.30.0.0/16");
  }
  const auto host = parse_address(parameters_.ip);
  if (!host) return failure("ip", host.error());
  host_ = *host;
  const std::uint32_t rest = ~std::uint32_t{0} >> bits;
  gateway_ = newest_ = (*base & ~rest) + 1;
  last_ = (*base | rest) - 1;
  forwarder_ = std::make_unique<Forwarder>(static_cast<std::size_t>(parameters_.connections_max));
  return Nothing{};
}

// The one that has been free for longest: nobody shall mistake a container for one before it.
Result<std::uint32_t> NetworkIsolator::take_address(const ContainerId& container) {
  for (std::uint32_t tries = gateway_; tries < last_; ++tries) {
    newest_ = newest_ == last_ ? gateway_ + 1 : newest_ + 1;
    if (!taken_.insert(newest_).second) continue;
    addresses_[container] = newest_;
    return newest_;
  }
  return failure("all addresses of " + parameters_.subnet + " are in use");
}

// So that the next agent knows which address a running container has.
Status NetworkIsolator::remember(const ContainerId& container, std::uint32_t address) const {
  std::error_code error;
  std::filesystem::create_directories(memory_, error);
  std::ofstream file(memory_ / container.value);
  file << address << std::endl;
  if (file) return {};
  return failure("cannot write '" + (memory_ / container.value).string() + "'");
}

Result<Contribution> NetworkIsolator::prepare(const ContainerContext& container) {
  const Ranges granted = container.requests.ranges("ports");
  for (const std::uint16_t port : container.spec.published_ports) {
    if (granted.contains(Ranges({{port, port}}))) continue;
    return failure("port " + std::to_string(port) +
                   " is to be published but is not among the task's resources");
  }
  const auto address = take_address(container.id);
  if (!address) return tl::unexpected(address.error());
  if (auto kept = remember(container.id, *address); !kept) return tl::unexpected(kept.error());
  Contribution contribution;
  contribution.clone_flags = CLONE_NEWNET;
  contribution.environment["MESOS_CONTAINER_IP"] = {::inet_ntoa(in_addr{htonl(*address)}), false,
                                                    true};
  return contribution;
}

Result<Nothing> NetworkIsolator::isolate(const ContainerContext& container) {
  const std::uint32_t address = addresses_.at(container.id);
  const std::string path = "/proc/" + std::to_string(container.pid) + "/ns/net";
  const int network = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (network < 0) return system_failure("cannot open '" + path + "'", errno);
  Status status = connect(network, address, gateway_);
  ::close(network);
  if (status) status = publish(container, address);
  if (!status) return tl::unexpected(status.error());
  return Nothing{};
}

Status NetworkIsolator::publish(const ContainerContext& container, std::uint32_t address) {
  for (const std::uint16_t port : container.spec.published_ports) {
    if (auto status = forwarder_->forward(container.id, host_, port, address); !status) {
      return status;
    }
  }
  return {};
}

Status NetworkIsolator::release(const ContainerId& container, std::uint32_t address) {
  taken_.erase(address);
  addresses_.erase(container);
  std::error_code ignored;
  std::filesystem::remove(memory_ / container.value, ignored);
  // The kernel removes it with the container's namespace, but some time later.
  auto netlink = Netlink::open();
  if (!netlink) return tl::unexpected(netlink.error());
  return netlink->remove(interface_of(address));
}

Result<Nothing> NetworkIsolator::cleanup(const ContainerContext& container) {
  const auto known = addresses_.find(container.id);
  if (known == addresses_.end()) return Nothing{};
  forwarder_->remove(container.id);
  if (auto released = release(container.id, known->second); !released) {
    return tl::unexpected(released.error());
  }
  return Nothing{};
}

Result<Nothing> NetworkIsolator::recover(const RecoverRequest& request) {
  const auto remembered = [&](const ContainerId& container) {
    std::uint32_t address = 0;
    std::ifstream(memory_ / container.value) >> address;
    return address;
  };
  for (const ContainerId& orphan : request.orphans) {
    const std::uint32_t address = remembered(orphan);
    if (address != 0) (void)release(orphan, address);
  }
  for (const ContainerContext& container : request.containers) {
    const std::uint32_t address = remembered(container.id);
    if (address == 0) continue;
    taken_.insert(address);
    addresses_[container.id] = address;
    if (auto published = publish(container, address); !published) {
      return tl::unexpected(published.error());
    }
  }
  return Nothing{};
}

}  // namespace mesolite::network_namespace

#include "netlink.hpp"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mesolite::network_namespace {
namespace {

constexpr std::uint8_t host_bits = 32;

// A request as it grows: a header, a body, attributes, some of which hold others.
class Request {
 public:
  template <class Body>
  Request(std::uint16_t type, std::uint16_t flags, const Body& body) {
    header().nlmsg_type = type;
    header().nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    header().nlmsg_len = NLMSG_LENGTH(0);
    append(&body, sizeof body);
  }

  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(buffer_.data()); }

  void add(std::uint16_t type, const void* data, std::size_t size) {
    const std::size_t start = begin(type);
    append(data, size);
    end(start);
  }
  void add(std::uint16_t type, const std::string& text) {
    add(type, text.c_str(), text.size() + 1);
  }
  template <class Number>
  requires std::is_integral_v<Number>
  void add(std::uint16_t type, Number number) { add(type, &number, sizeof number); }
  template <class Body>
  void append(const Body& body) {
    append(&body, sizeof body);
  }

  // Attributes that are added until end() are part of this one.
  std::size_t begin(std::uint16_t type) {
    const std::size_t start = header().nlmsg_len;
    rtattr head{};
    head.rta_type = type;
    append(&head, sizeof head);
    return start;
  }
  void end(std::size_t start) {
    auto* head = reinterpret_cast<rtattr*>(buffer_.data() + start);
    head->rta_len = static_cast<std::uint16_t>(size_ - start);
  }

 private:
  void append(const void* data, std::size_t size) {
    std::memcpy(buffer_.data() + header().nlmsg_len, data, size);
    size_ = header().nlmsg_len + size;
    header().nlmsg_len = static_cast<std::uint32_t>(NLMSG_ALIGN(size_));
  }

  alignas(nlmsghdr) std::array<char, 1024> buffer_{};  // far more than the requests below take
  std::size_t size_ = 0;
};

int index_of(const std::string& interface) {
  return static_cast<int>(::if_nametoindex(interface.c_str()));
}

Status done(int error, const std::string& what) {
  if (error == 0) return {};
  return system_failure(what, error);
}

rtmsg route_body(std::uint8_t bits, std::uint8_t scope) {
  rtmsg body{};
  body.rtm_family = AF_INET;
  body.rtm_dst_len = bits;
  body.rtm_table = RT_TABLE_MAIN;
  body.rtm_protocol = RTPROT_STATIC;
  body.rtm_scope = scope;
  body.rtm_type = RTN_UNICAST;
  return body;
}

}  // namespace

Result<Netlink> Netlink::open() {
  Netlink netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (netlink.socket_ < 0) return system_failure("cannot open a netlink socket", errno);
  return netlink;
}

Netlink::Netlink(Netlink&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

Netlink::~Netlink() {
  if (socket_ >= 0) ::close(socket_);
}

int Netlink::ask(nlmsghdr& request) {
  if (::send(socket_, &request, request.nlmsg_len, 0) < 0) return errno;
  alignas(nlmsghdr) std::array<char, 4096> answer{};
  const ssize_t size = ::recv(socket_, answer.data(), answer.size(), 0);
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) return size < 0 ? errno : EPROTO;
  const auto* header = reinterpret_cast<const nlmsghdr*>(answer.data());
  if (header->nlmsg_type != NLMSG_ERROR) return EPROTO;
  return -static_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
}

Status Netlink::make_pair(const std::string& here, const std::string& there, int there_namespace) {
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
  request.add(IFLA_IFNAME, here);
  const std::size_t info = request.begin(IFLA_LINKINFO);
  request.add(IFLA_INFO_KIND, std::string("veth"));
  const std::size_t data = request.begin(IFLA_INFO_DATA);
  const std::size_t peer = request.begin(VETH_INFO_PEER);
  request.append(ifinfomsg{});
  request.add(IFLA_IFNAME, there);
  request.add(IFLA_NET_NS_FD, there_namespace);
  request.end(peer);
  request.end(data);
  request.end(info);
  return done(ask(request.header()), "cannot make the interface '" + here + "'");
}

Status Netlink::set_up(const std::string& interface) {
  ifinfomsg body{};
  body.ifi_index = index_of(interface);
  body.ifi_flags = body.ifi_change = IFF_UP;
  Request request(RTM_NEWLINK, 0, body);
  return done(ask(request.header()), "cannot start the interface '" + interface + "'");
}

Status Netlink::add_address(const std::string& interface, std::uint32_t address) {
  ifaddrmsg body{};
  body.ifa_family = AF_INET;
  body.ifa_prefixlen = host_bits;
  body.ifa_index = static_cast<std::uint32_t>(index_of(interface));
  Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, body);
  request.add(IFA_LOCAL, htonl(address));
  request.add(IFA_ADDRESS, htonl(address));
  return done(ask(request.header()), "cannot give an address to '" + interface + "'");
}

Status Netlink::add_route(const std::string& interface, std::uint32_t address) {
  Request request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route_body(host_bits, RT_SCOPE_LINK));
  request.add(RTA_DST, htonl(address));
  request.add(RTA_OIF, index_of(interface));
  return done(ask(request.header()), "cannot make a route through '" + interface + "'");
}

Status Netlink::add_default_route(const std::string& interface, std::uint32_t gateway) {
  Request request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route_body(0, RT_SCOPE_UNIVERSE));
  request.add(RTA_GATEWAY, htonl(gateway));
  request.add(RTA_OIF, index_of(interface));
  return done(ask(request.header()), "cannot make the default route through '" + interface + "'");
}

Status Netlink::remove(const std::string& interface) {
  ifinfomsg body{};
  body.ifi_index = index_of(interface);
  if (body.ifi_index == 0) return {};
  Request request(RTM_DELLINK, 0, body);
  return done(ask(request.header()), "cannot remove the interface '" + interface + "'");
}

}  // namespace mesolite::network_namespace

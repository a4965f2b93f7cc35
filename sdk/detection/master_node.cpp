#include "sdk/detection/master_node.hpp"

#include <arpa/inet.h>

#include <nlohmann/json.hpp>

namespace mesolite::detection {
namespace {

using Json = nlohmann::ordered_json;

// Mesos writes an address a second time as the number that its four bytes are in memory.
std::uint32_t address_number(const std::string& ip) {
  in_addr address{};
  return inet_pton(AF_INET, ip.c_str(), &address) == 1 ? address.s_addr : 0;
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::string master_node(const MasterInfo& master) {
  const std::string pid = "master@" + master.ip + ":" + std::to_string(master.port);
  const Json address = {{"hostname", master.hostname}, {"ip", master.ip}, {"port", master.port}};
  const Json node = {
      {"address", address},       {"capabilities", Json::array()},   {"hostname", master.hostname},
      {"id", master.id},          {"ip", address_number(master.ip)}, {"pid", pid},
      {"port", master.port},      {"version", master.version},       {"bus", master.bus},
      {"cluster", master.cluster}};
  return node.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<MasterInfo> parse_master_node(const std::string& text) {
  const Json node = Json::parse(text, nullptr, false);
  if (!node.is_object()) return failure("the leader's node holds no JSON object");
  MasterInfo master;
  const auto address = node.find("address");
  const auto port = node.find("port");
  if (address != node.end() && address->is_object()) master.ip = text_of(*address, "ip");
  if (port != node.end() && port->is_number_unsigned()) {
    master.port = port->get<std::uint16_t>();
  }
  master.id = text_of(node, "id");
  master.hostname = text_of(node, "hostname");
  master.version = text_of(node, "version");
  master.bus = text_of(node, "bus");
  master.cluster = text_of(node, "cluster");
  if (master.bus.empty()) return failure("the leader's node names no bus: it is of another kind");
  return master;
}

}  // namespace mesolite::detection

// NetworkIsolator: a network namespace for each container. See the README.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "forwarder.hpp"
#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::network_namespace {

struct Parameters {
  std::string subnet = "172.30.0.0/16";  // of all containers of this agent
  std::string ip = "127.0.0.1";          // where published ports listen
  std::int64_t connections_max = 4'096;  // forwarded at a time
  MESOLITE_FIELDS(subnet, ip, connections_max);
};

class NetworkIsolator final : public Isolator {
 public:
  NetworkIsolator(const Parameters& parameters, Host&) : parameters_(parameters) {}

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;
  Result<Nothing> isolate(const ContainerContext& container) override;
  Result<Nothing> cleanup(const ContainerContext& container) override;
  Result<Nothing> recover(const RecoverRequest& request) override;

 private:
  Result<std::uint32_t> take_address(const ContainerId& container);
  Status remember(const ContainerId& container, std::uint32_t address) const;
  Status release(const ContainerId& container, std::uint32_t address);
  Status publish(const ContainerContext& container, std::uint32_t address);

  Parameters parameters_;
  std::uint32_t gateway_ = 0;  // the host, as containers see it: the first address
  std::uint32_t last_ = 0;     // of the subnet
  std::uint32_t host_ = 0;     // where published ports listen
  std::map<ContainerId, std::uint32_t> addresses_;
  std::set<std::uint32_t> taken_;
  std::uint32_t newest_ = 0;
  std::filesystem::path memory_;  // a file for each container: its address
  std::unique_ptr<Forwarder> forwarder_;
};

}  // namespace mesolite::network_namespace

#include "kernel/runtime/master_configuration.hpp"

#include <unistd.h>

#include <charconv>
#include <cmath>

#include "kernel/runtime/acl_file.hpp"
#include "mesolite/base/random.hpp"
#include "mesolite/base/text.hpp"
#include "mesolite/protocol/version.hpp"

namespace mesolite::runtime {
namespace {

constexpr std::int64_t port_max = 65535;
constexpr std::int64_t bus_port_offset = 1000;

Result<double> parse_weight(std::string_view text) {
  double weight = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, weight);
  if (read.ptr != end || read.ec != std::errc() || !std::isfinite(weight) || weight <= 0) {
    return failure("expected a weight above 0, got '" + std::string(text) + "'");
  }
  return weight;
}

}  // namespace

Result<std::map<std::string, double>> parse_weights(const std::vector<std::string>& weights) {
  std::map<std::string, double> parsed;
  for (const std::string& part : weights) {
    const std::size_t equals = part.rfind('=');
    if (equals == std::string::npos) {
      return failure("--weights: expected role=weight, got '" + part + "'");
    }
    const std::string role(trim(part.substr(0, equals)));
    if (const auto problem = invalid_role(role); !problem.empty()) {
      return failure("--weights: role '" + role + "' " + problem);
    }
    const auto weight = parse_weight(trim(std::string_view(part).substr(equals + 1)));
    if (!weight) return failure("--weights: role '" + role + "'", weight.error());
    if (!parsed.emplace(role, *weight).second) {
      return failure("--weights: role '" + role + "' is given twice");
    }
  }
  return parsed;
}

Result<std::vector<Resources>> parse_minimum_allocatable(const std::string& text) {
  std::vector<Resources> choices;
  if (trim(text).empty()) return choices;
  for (const std::string_view part : split(text, '|')) {
    auto resources = Resources::parse(part);
    if (!resources) return failure("--min_allocatable_resources", resources.error());
    if (resources->empty()) {
      return failure("--min_allocatable_resources: '" + std::string(part) + "' is nothing");
    }
    choices.push_back(std::move(*resources));
  }
  return choices;
}

Result<Duration> parse_rate_limit(std::string_view text) {
  if (text.empty()) return Duration::zero();
  const std::size_t slash = text.find('/');
  std::int64_t count = 0;
  const auto number = trim(text.substr(0, slash));
  const char* end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, count);
  if (slash == std::string_view::npos || read.ptr != end || read.ec != std::errc() || count < 1) {
    return failure("expected count/duration, as 1/20mins, got '" + std::string(text) + "'");
  }
  const auto duration = parse_duration(trim(text.substr(slash + 1)));
  if (!duration) return tl::unexpected(duration.error());
  if (*duration / count > Duration::zero()) return *duration / count;
  return failure("the duration of '" + std::string(text) + "' is too short");
}

Result<master::Configuration> master_configuration(const config::MasterOptions& options,
                                                   const std::vector<config::Setting>& settings) {
  master::Configuration configuration;
  configuration.seed = seed_or_random(options.seed);
  configuration.info.ip = advertised_ip(options.ip, options.advertise_ip);
  configuration.info.hostname = advertised_hostname(options.hostname, configuration.info.ip);
  configuration.info.version = version;
  configuration.cluster_name = options.cluster;
  configuration.agent_ping_timeout = options.agent_ping_timeout;
  configuration.agent_ping_timeouts_max =
      static_cast<std::uint32_t>(options.max_agent_ping_timeouts);
  configuration.agent_reregister_timeout = options.agent_reregister_timeout;
  const auto removal_interval = parse_rate_limit(options.agent_removal_rate_limit);
  if (!removal_interval) return failure("--agent_removal_rate_limit", removal_interval.error());
  configuration.agent_removal_interval = *removal_interval;
  configuration.framework_ping_interval = options.agent_ping_timeout;
  configuration.offer_timeout = options.offer_timeout;
  configuration.allocation_interval = options.allocation_interval;
  auto least = parse_minimum_allocatable(options.min_allocatable_resources);
  if (!least) return tl::unexpected(least.error());
  configuration.minimum_allocatable = std::move(*least);
  configuration.fair_sharing_excluded = options.fair_sharing_excluded_resource_names;
  configuration.filter_gpu_resources = options.filter_gpu_resources;
  auto weights = parse_weights(options.weights);
  if (!weights) return tl::unexpected(weights.error());
  configuration.weights = std::move(*weights);
  configuration.mechanisms = {options.authenticators};
  auto acls = acls_of(options.acls, options.ip, options.permissive);
  if (!acls) return tl::unexpected(acls.error());
  configuration.acls = std::move(*acls);
  configuration.flags = shown_flags(settings);
  configuration.agents_max = static_cast<std::size_t>(options.agents_max);
  configuration.frameworks_max = static_cast<std::size_t>(options.frameworks_max);
  configuration.peers_max = configuration.agents_max + 2 * configuration.frameworks_max;
  configuration.tasks_per_framework_max = static_cast<std::size_t>(options.tasks_per_framework_max);
  configuration.completed_frameworks_max =
      static_cast<std::size_t>(options.max_completed_frameworks);
  configuration.completed_tasks_per_framework_max =
      static_cast<std::size_t>(options.max_completed_tasks_per_framework);
  return configuration;
}

std::map<std::string, std::string> shown_flags(const std::vector<config::Setting>& settings) {
  std::map<std::string, std::string> flags;
  for (const config::Setting& setting : settings) flags.emplace(setting.name, setting.text);
  return flags;
}

std::string advertised_ip(const std::string& ip, const std::string& advertise_ip) {
  if (!advertise_ip.empty()) return advertise_ip;
  // Listening everywhere is no address to connect to; on this machine loopback always is.
  return ip == "0.0.0.0" ? "127.0.0.1" : ip;
}

std::string advertised_hostname(const std::string& hostname, const std::string& advertised_ip) {
  return hostname.empty() ? advertised_ip : hostname;
}

Result<std::uint16_t> bus_port(std::int64_t port, std::int64_t given_bus_port) {
  if (given_bus_port != 0) return static_cast<std::uint16_t>(given_bus_port);
  if (port == 0) return std::uint16_t{0};
  if (port + bus_port_offset > port_max) {
    return failure("--port=" + std::to_string(port) + " leaves no room for the bus at port + " +
                   std::to_string(bus_port_offset) + ": give --bus_port");
  }
  return static_cast<std::uint16_t>(port + bus_port_offset);
}

std::uint64_t seed_or_random(std::int64_t seed) {
  return seed == 0 ? random_seed() : static_cast<std::uint64_t>(seed);
}

}  // namespace mesolite::runtime

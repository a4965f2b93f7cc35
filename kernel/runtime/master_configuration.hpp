// From the flags of mesos-master to what its machine is told.
#pragma once

#include <vector>

#include "kernel/config/options.hpp"
#include "kernel/master/io.hpp"

namespace mesolite::runtime {

// Leaves out what only a running master knows: ports, cluster and epoch. Fails on flags whose text
// makes no sense (a weight that is no number), with a sentence that names the flag.
Result<master::Configuration> master_configuration(const config::MasterOptions& options,
                                                   const std::vector<config::Setting>& settings);

// "cpus:0.01|mem:32": any of these is worth an offer; none = whatever there is.
Result<std::vector<Resources>> parse_minimum_allocatable(const std::string& text);
// "--weights=a=2,b=0.5" as roles and their weights.
Result<std::map<std::string, double>> parse_weights(const std::vector<std::string>& weights);

// "1/20mins" as the least time between two; zero for "".
Result<Duration> parse_rate_limit(std::string_view text);

// What the snapshot shows of the flags: name -> text as a user would write it.
std::map<std::string, std::string> shown_flags(const std::vector<config::Setting>& settings);

// The address that others are told to connect to, and the name they are told.
std::string advertised_ip(const std::string& ip, const std::string& advertise_ip);
std::string advertised_hostname(const std::string& hostname, const std::string& advertised_ip);

// The bus listens on port + 1000 unless told otherwise; 0 means any free port.
Result<std::uint16_t> bus_port(std::int64_t port, std::int64_t given_bus_port);

// The flag, or a number from the operating system where it is 0.
std::uint64_t seed_or_random(std::int64_t seed);

}  // namespace mesolite::runtime

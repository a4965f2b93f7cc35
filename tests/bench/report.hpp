// The figures of one group of benches: printed as a table, written as a flat JSON object.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "mesolite/base/time.hpp"

namespace mesolite::bench {

// "first_offer_ms_p50" -> 0.8; units stand in the names.
using Figures = std::map<std::string, double>;

// The value below which `part` (0 to 1) of the samples lie. REQUIRES: samples.
Duration percentile(std::vector<Duration> samples, double part);

// Runs a group: `arguments` may hold --json FILE. Prints the figures and writes the file; the exit
// status is 1 if the group could not measure (it throws) or the file cannot be written.
int report(int count, char** arguments, Figures (*group)());

}  // namespace mesolite::bench

#include "tests/bench/report.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <string_view>

#include "mesolite/base/check.hpp"

namespace mesolite::bench {
namespace {

// Six digits are more than any measurement has.
std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string to_json(const Figures& figures) {
  std::string json = "{";
  for (const auto& [name, value] : figures) {
    json += (json.size() > 1 ? ",\n " : "\n ") + ('"' + name + "\": " + number(value));
  }
  return json + "\n}\n";
}

}  // namespace

Duration percentile(std::vector<Duration> samples, double part) {
  MESOLITE_CHECK(!samples.empty(), "a percentile is of something");
  std::sort(samples.begin(), samples.end());
  const double index = part * static_cast<double>(samples.size() - 1);
  return samples[static_cast<std::size_t>(index + 0.5)];
}

int report(int count, char** arguments, Figures (*group)()) {
  std::filesystem::path file;
  if (count == 3 && std::string_view(arguments[1]) == "--json") {
    file = arguments[2];
  } else if (count != 1) {
    std::cerr << "usage: " << arguments[0] << " [--json FILE]\n";
    return 64;
  }
  try {
    const Figures figures = group();
    for (const auto& [name, value] : figures) std::cout << name << ' ' << number(value) << '\n';
    if (file.empty()) return 0;
    std::ofstream out(file);
    out << to_json(figures);
    if (out.flush()) return 0;
    std::cerr << "cannot write '" << file.string() << "'\n";
  } catch (const std::exception& problem) {
    std::cerr << "not measured: " << problem.what() << '\n';
  }
  return 1;
}

}  // namespace mesolite::bench

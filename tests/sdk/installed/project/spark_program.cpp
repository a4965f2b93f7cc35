// A stranger's mini-spark program: the mean temperature of each station, and the warmest.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/api/program.hpp"

namespace {

using mesolite::spark::Arguments;
using mesolite::spark::SparkContext;

struct Reading {
  std::string station;
  double degrees = 0;
  MESOLITE_FIELDS(station, degrees);
};

struct Mean {
  double sum = 0;
  std::uint64_t count = 0;
  double value() const { return sum / static_cast<double>(count); }
};

// "station-7" at number degrees above its own level.
Reading some_reading(std::int64_t number) {
  const std::int64_t station = number % 10;
  return {"station-" + std::to_string(station),
          static_cast<double>(station) + static_cast<double>(number / 10 % 3)};
}

void warmest(SparkContext& spark, const Arguments&) {
  const auto readings = spark.range(0, 30'000).map(some_reading);
  const auto rejected = spark.accumulator<std::uint64_t>();
  const auto means =
      readings
          .filter([rejected](const Reading& reading) {
            if (reading.degrees < 11) return true;
            rejected += 1;
            return false;
          })
          .map([](const Reading& reading) { return std::pair(reading.station, reading.degrees); })
          .aggregate_by_key(
              Mean{},
              [](Mean mean, double degrees) {
                return Mean{mean.sum + degrees, mean.count + 1};
              },
              [](const Mean& a, const Mean& b) {
                return Mean{a.sum + b.sum, a.count + b.count};
              })
          .map_values([](const Mean& mean) { return mean.value(); })
          .sort_by([](const auto& station) { return station.second; }, false);
  means.cache();
  const auto all = means.collect();
  for (const auto& [station, mean] : all) std::printf("%-12s %6.2f\n", station.c_str(), mean);
  if (all.size() != 10 || all.front().first != "station-9" || rejected.value() == 0) {
    throw std::runtime_error("the stations are not what they should be");
  }
}

}  // namespace

int main(int argc, char** argv) {
  return mesolite::spark::run(argc, argv, warmest);
}

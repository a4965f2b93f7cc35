// Lloyd's k-means on generated points around hidden centres: spark-kmeans [POINTS] [ITERATIONS]
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "frameworks/mini-spark/api/program.hpp"
#include "mesolite/base/random.hpp"

namespace {

using mesolite::Random;
using mesolite::spark::Arguments;
using mesolite::spark::SparkContext;

constexpr std::size_t clusters = 4;
using Point = std::array<double, 2>;
using Centres = std::array<Point, clusters>;

constexpr Centres hidden{Point{0, 0}, Point{10, 1}, Point{3, 8}, Point{-6, 5}};

Point point_near_some_centre(std::int64_t number) {
  Random random(static_cast<std::uint64_t>(number) + 17);
  const Point& centre = hidden[random.below(clusters)];
  // The sum of twelve uniform numbers is nearly normal.
  Point point = centre;
  for (double& coordinate : point) {
    for (int i = 0; i < 12; ++i) coordinate += random.unit() - 0.5;
  }
  return point;
}

double distance_squared(const Point& a, const Point& b) {
  return (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]);
}

std::size_t nearest(const Centres& centres, const Point& point) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < clusters; ++i) {
    if (distance_squared(centres[i], point) < distance_squared(centres[best], point)) best = i;
  }
  return best;
}

// Of the points nearest to each centre: their sum, how many, and how far they lie.
struct Sums {
  std::array<std::array<double, 3>, clusters> sums{};
  double distance = 0;

  void add(std::size_t cluster, const Point& point, double count) {
    sums[cluster][0] += point[0];
    sums[cluster][1] += point[1];
    sums[cluster][2] += count;
  }
};

void find_clusters(SparkContext& spark, const Arguments& arguments) {
  const auto count = arguments.empty() ? 100'000 : std::atoll(arguments[0].c_str());
  const int iterations = arguments.size() < 2 ? 8 : std::atoi(arguments[1].c_str());
  const auto points = spark.range(0, count).map(point_near_some_centre);
  points.cache();
  Centres centres{};
  const auto first = points.take(clusters);
  std::copy(first.begin(), first.end(), centres.begin());
  for (int i = 1; i <= iterations; ++i) {
    const Sums sums = points.aggregate(
        Sums{},
        [centres](Sums all, const Point& point) {
          const std::size_t cluster = nearest(centres, point);
          all.add(cluster, point, 1);
          all.distance += distance_squared(centres[cluster], point);
          return all;
        },
        [](Sums a, const Sums& b) {
          for (std::size_t c = 0; c < clusters; ++c) {
            a.add(c, {b.sums[c][0], b.sums[c][1]}, b.sums[c][2]);
          }
          a.distance += b.distance;
          return a;
        });
    std::printf("iteration %d: mean squared distance %.4f\n", i,
                sums.distance / static_cast<double>(count));
    for (std::size_t c = 0; c < clusters; ++c) {
      if (sums.sums[c][2] == 0) continue;
      centres[c] = {sums.sums[c][0] / sums.sums[c][2], sums.sums[c][1] / sums.sums[c][2]};
    }
  }
  std::puts("the centres are:");
  for (const Point& centre : centres) std::printf("  (%7.3f, %7.3f)\n", centre[0], centre[1]);
}

}  // namespace

int main(int argc, char** argv) {
  return mesolite::spark::run(argc, argv, find_clusters);
}

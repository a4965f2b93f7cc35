// One iteration of logistic regression over 10 million points of 10 dimensions, in memory.
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "mesolite/base/random.hpp"
#include "tests/bench/spark/parts.hpp"

namespace mesolite::bench {
namespace {

constexpr std::size_t dimensions = 10;
constexpr std::int64_t points_count = 10'000'000;
constexpr int iterations = 10;

using Vector = std::array<double, dimensions>;
struct Point {
  Vector x{};
  double label = 0;
};

Point some_point(std::int64_t number) {
  Random random(static_cast<std::uint64_t>(number));
  Point point;
  double side = 0;
  for (double& x : point.x) {
    x = random.unit() - 0.5;
    side += x;
  }
  point.label = side > 0 ? 1 : -1;
  return point;
}

// e^x by 2^k e^r with |r| <= ln 2 / 2 and a polynomial of degree 11, relative error below 1e-13;
// without a branch, so that loops over it become vector instructions.
inline double fast_exp(double x) {
  x = std::min(std::max(x, -700.0), 700.0);
  constexpr double shift = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer
  const double k = x * 1.4426950408889634 + shift;
  const double whole = k - shift;
  const double r = (x - whole * 0.693147180369123816490) - whole * 1.90821492927058770002e-10;
  double sum = 1.0 / 39916800;
  for (const double c : {1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
                         1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0}) {
    sum = sum * r + c;
  }
  const std::uint64_t power = (std::bit_cast<std::uint64_t>(k) + 1023) << 52;
  return sum * std::bit_cast<double>(power);
}

// The gradient of the points, block by block: margins, factors and sums each in one plain loop.
Vector gradient(std::span<const Point> points, const Vector& weights) {
  constexpr std::size_t block = 64;
  Vector sums{};
  std::array<double, block> factors{};
  for (std::size_t begin = 0; begin < points.size(); begin += block) {
    const std::size_t count = std::min(block, points.size() - begin);
    const Point* const part = points.data() + begin;
    for (std::size_t i = 0; i < count; ++i) {
      double margin = 0;
      for (std::size_t d = 0; d < dimensions; ++d) margin += weights[d] * part[i].x[d];
      factors[i] = margin * part[i].label;
    }
    for (double& factor : factors) factor = 1.0 / (1.0 + fast_exp(factor));
    for (std::size_t i = 0; i < count; ++i) {
      const double factor = -part[i].label * factors[i];
      for (std::size_t d = 0; d < dimensions; ++d) sums[d] += factor * part[i].x[d];
    }
  }
  return sums;
}

void take_step(Vector& weights, const Vector& sums) {
  for (std::size_t d = 0; d < dimensions; ++d) {
    weights[d] -= 10.0 / static_cast<double>(points_count) * sums[d];
  }
}

// Seconds an iteration; `weights` are then those that were found.
double by_hand(Vector& weights) {
  std::vector<Point> points(points_count);
  on_threads([&](std::uint32_t thread) {
    for (std::size_t i = thread; i < points.size(); i += threads_count) {
      points[i] = some_point(static_cast<std::int64_t>(i));
    }
  });
  return median_s(iterations, [&] {
    std::array<Vector, threads_count> parts{};
    on_threads([&](std::uint32_t thread) {
      const std::size_t begin = points.size() * thread / threads_count;
      const std::size_t end = points.size() * (thread + 1) / threads_count;
      parts[thread] = gradient(std::span(points).subspan(begin, end - begin), weights);
    });
    for (std::size_t d = 0; d < dimensions; ++d) parts[0][d] += parts[1][d];
    take_step(weights, parts[0]);
  });
}

double by_spark(spark::SparkContext& context, Vector& weights) {
  const auto points = context.range(0, points_count, 1, 16).map(some_point);
  points.cache();
  points.count();
  const double seconds = median_s(iterations, [&] {
    const Vector sums = points
                            .map_partitions([weights](std::span<const Point> all) {
                              return std::array<Vector, 1>{gradient(all, weights)};
                            })
                            .reduce([](Vector a, const Vector& b) {
                              for (std::size_t d = 0; d < dimensions; ++d) a[d] += b[d];
                              return a;
                            });
    take_step(weights, sums);
  });
  points.unpersist();
  return seconds;
}

}  // namespace

void measure_logistic_regression(spark::SparkContext& context, Figures& figures) {
  Vector ours{};
  Vector theirs{};
  figures["logreg_hand_s"] = by_hand(theirs);
  figures["logreg_iteration_s"] = by_spark(context, ours);
  for (std::size_t d = 0; d < dimensions; ++d) {
    if (std::abs(ours[d] - theirs[d]) > 1e-6) throw std::runtime_error("logreg: weights differ");
  }
}

}  // namespace mesolite::bench

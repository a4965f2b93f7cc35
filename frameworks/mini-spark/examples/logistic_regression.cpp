// Logistic regression by gradient descent on generated points:
// spark-logistic-regression [POINTS] [ITERATIONS]
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

constexpr std::size_t dimensions = 10;
using Vector = std::array<double, dimensions>;

struct Point {
  Vector x{};
  double label = 0;  // -1 or 1
};

struct Step {
  Vector gradient{};
  double loss = 0;
};

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < dimensions; ++i) sum += a[i] * b[i];
  return sum;
}

// The label is the side of a hidden plane on which the point lies, mostly.
Point some_point(std::int64_t number) {
  Random random(static_cast<std::uint64_t>(number) + 3);
  Point point;
  double side = 0;
  for (std::size_t i = 0; i < dimensions; ++i) {
    point.x[i] = random.unit() * 2 - 1;
    side += point.x[i] * (static_cast<double>(i) - 4.5);
  }
  point.label = (side > 0) == random.chance(0.97) ? 1 : -1;
  return point;
}

void fit(SparkContext& spark, const Arguments& arguments) {
  const auto count = arguments.empty() ? 200'000 : std::atoll(arguments[0].c_str());
  const int iterations = arguments.size() < 2 ? 10 : std::atoi(arguments[1].c_str());
  const auto points = spark.range(0, count).map(some_point);
  points.cache();
  Vector weights{};
  for (int i = 1; i <= iterations; ++i) {
    const Step step = points.aggregate(
        Step{},
        [weights](Step sum, const Point& point) {
          const double margin = point.label * dot(weights, point.x);
          const double factor = -point.label / (1 + std::exp(margin));
          for (std::size_t d = 0; d < dimensions; ++d) sum.gradient[d] += factor * point.x[d];
          sum.loss += std::log1p(std::exp(-margin));
          return sum;
        },
        [](Step a, const Step& b) {
          for (std::size_t d = 0; d < dimensions; ++d) a.gradient[d] += b.gradient[d];
          a.loss += b.loss;
          return a;
        });
    const auto share = 1.0 / static_cast<double>(count);
    for (std::size_t d = 0; d < dimensions; ++d) weights[d] -= 4 * share * step.gradient[d];
    std::printf("iteration %2d: loss %.5f\n", i, step.loss * share);
  }
  std::printf("weights:");
  for (const double weight : weights) std::printf(" %.3f", weight);
  std::puts("");
}

}  // namespace

int main(int argc, char** argv) {
  return mesolite::spark::run(argc, argv, fit);
}

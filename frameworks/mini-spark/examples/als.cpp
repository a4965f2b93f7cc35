// Matrix factorisation by alternating least squares (Zhou et al. 2008): ratings of films by users
// become a few hidden tastes of each. spark-als [USERS] [FILMS] [ITERATIONS]
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "frameworks/mini-spark/api/program.hpp"
#include "mesolite/base/random.hpp"

namespace {

using mesolite::Random;
using mesolite::spark::Arguments;
using mesolite::spark::Broadcast;
using mesolite::spark::RDD;
using mesolite::spark::SparkContext;

constexpr std::size_t tastes = 3;
constexpr double regularisation = 0.05;
using Factors = std::array<double, tastes>;
using Table = std::vector<Factors>;

struct Rating {
  std::uint64_t user = 0;
  std::uint64_t film = 0;
  double stars = 0;
};
using Seen = std::pair<std::uint64_t, double>;  // what was rated, and how

double dot(const Factors& a, const Factors& b) {
  double sum = 0;
  for (std::size_t i = 0; i < tastes; ++i) sum += a[i] * b[i];
  return sum;
}

// Factors of which the ratings are made, to be found again.
Factors hidden(std::uint64_t number) {
  Random random(number * 7 + 1);
  Factors factors;
  for (double& factor : factors) factor = random.unit() * 1.3;
  return factors;
}

// Solves (sum of v v' + regularisation) x = sum of r v by Gauss' elimination; the matrix is
// positive definite, so no pivot is zero.
Factors solve(const std::vector<Seen>& ratings, const Table& others) {
  std::array<std::array<double, tastes + 1>, tastes> rows{};
  for (std::size_t i = 0; i < tastes; ++i) {
    rows[i][i] = regularisation * static_cast<double>(ratings.size());
    for (const auto& [other, stars] : ratings) {
      const Factors& v = others[other];
      for (std::size_t j = 0; j < tastes; ++j) rows[i][j] += v[i] * v[j];
      rows[i][tastes] += stars * v[i];
    }
  }
  for (std::size_t pivot = 0; pivot < tastes; ++pivot) {
    for (std::size_t row = 0; row < tastes; ++row) {
      if (row == pivot) continue;
      const double factor = rows[row][pivot] / rows[pivot][pivot];
      for (std::size_t k = pivot; k <= tastes; ++k) rows[row][k] -= factor * rows[pivot][k];
    }
  }
  Factors solution;
  for (std::size_t i = 0; i < tastes; ++i) solution[i] = rows[i][tastes] / rows[i][i];
  return solution;
}

// The best factors of one side, given those of the other.
Table improve(SparkContext& spark, const RDD<std::pair<std::uint64_t, std::vector<Seen>>>& ratings,
              const Table& others, std::size_t count) {
  const Broadcast<Table> shared = spark.broadcast(others);
  Table improved(count);
  const auto solved =
      ratings.map_values([shared](const std::vector<Seen>& seen) { return solve(seen, *shared); });
  for (const auto& [number, factors] : solved.collect()) improved[number] = factors;
  shared.destroy();
  return improved;
}

void factorise(SparkContext& spark, const Arguments& arguments) {
  const auto number = [&](std::size_t at, std::uint64_t otherwise) {
    return at < arguments.size() ? std::strtoull(arguments[at].c_str(), nullptr, 10) : otherwise;
  };
  const std::uint64_t users = number(0, 400);
  const std::uint64_t films = number(1, 200);
  const std::uint64_t iterations = number(2, 8);
  const auto ratings =
      spark.range(0, static_cast<std::int64_t>(users * films / 5))
          .map([users, films](std::int64_t i) {
            Random random(static_cast<std::uint64_t>(i) + 99);
            const Rating rating{random.below(users), random.below(films), 0};
            const double noise = random.unit() * 0.2 - 0.1;
            return Rating{rating.user, rating.film,
                          dot(hidden(rating.user), hidden(rating.film + users)) + noise};
          });
  ratings.cache();
  const auto by_user =
      ratings.map([](const Rating& r) { return std::pair(r.user, Seen(r.film, r.stars)); })
          .group_by_key();
  const auto by_film =
      ratings.map([](const Rating& r) { return std::pair(r.film, Seen(r.user, r.stars)); })
          .group_by_key();
  by_user.cache();
  by_film.cache();
  Table user_factors(users);
  Table film_factors(films, Factors{1, 0.5, 0.25});
  for (std::uint64_t film = 0; film < films; ++film) film_factors[film][film % tastes] += 0.3;
  for (std::uint64_t i = 1; i <= iterations; ++i) {
    user_factors = improve(spark, by_user, film_factors, users);
    film_factors = improve(spark, by_film, user_factors, films);
    const auto shared = spark.broadcast(std::pair(user_factors, film_factors));
    const double error = ratings
                             .map([shared](const Rating& r) {
                               const auto& [of_users, of_films] = *shared;
                               const double miss =
                                   r.stars - dot(of_users[r.user], of_films[r.film]);
                               return miss * miss;
                             })
                             .mean();
    shared.destroy();
    std::printf("iteration %llu: root of the mean squared error %.4f\n",
                static_cast<unsigned long long>(i), std::sqrt(error));
  }
}

}  // namespace

int main(int argc, char** argv) {
  return mesolite::spark::run(argc, argv, factorise);
}

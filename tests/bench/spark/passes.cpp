// A first pass over numbers in a text file, a pass over them in memory, and tasks that do nothing.
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <numeric>
#include <stdexcept>

#include "mesolite/base/random.hpp"
#include "tests/bench/spark/parts.hpp"

namespace mesolite::bench {
namespace {

constexpr std::size_t lines_count = 3'000'000;
constexpr std::uint32_t empty_tasks = 10'000;
using Row = std::array<double, 4>;

Row parse(std::string_view line) {
  Row row{};
  const char* at = line.data();
  const char* const end = at + line.size();
  for (double& number : row) {
    at = std::from_chars(at, end, number).ptr;
    if (at != end) ++at;
  }
  return row;
}

void write_numbers(const std::string& path) {
  Random random(9);
  std::ofstream out(path);
  std::array<char, 32> digits{};
  for (std::size_t i = 0; i < lines_count; ++i) {
    for (std::size_t k = 0; k < 4; ++k) {
      const auto written = std::to_chars(digits.data(), digits.data() + digits.size(),
                                         random.unit() * 1'000, std::chars_format::fixed, 6);
      out.write(digits.data(), written.ptr - digits.data());
      out << (k == 3 ? '\n' : ' ');
    }
  }
  if (!out.flush()) throw std::runtime_error("cannot write the input");
}

double sum_of(std::span<const Row> rows) {
  double sum = 0;
  for (const Row& row : rows) sum += row[0] + row[1] + row[2] + row[3];
  return sum;
}

using Rows = std::array<std::vector<Row>, threads_count>;

double first_pass_by_hand(const std::string& path, Rows& rows) {
  const auto mapped = spark::MappedPart::map({path, 0, UINT64_MAX / 2});
  const std::size_t half = mapped->file().size() / 2;
  std::array<double, threads_count> sums{};
  on_threads([&](std::uint32_t thread) {
    rows[thread].clear();
    const spark::FileSplit split{path, thread * half, half + 1};
    spark::for_each_line(mapped->file(), split, [&](std::string_view line) {
      rows[thread].push_back(parse(line));
      return true;
    });
    sums[thread] = sum_of(rows[thread]);
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

double pass_by_hand(const Rows& rows) {
  std::array<double, threads_count> sums{};
  on_threads([&](std::uint32_t thread) { sums[thread] = sum_of(rows[thread]); });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace

void measure_passes(spark::SparkContext& context, Figures& figures) {
  const Inputs inputs;
  const std::string path = inputs.file("numbers");
  write_numbers(path);
  double expected = 0;
  double found = 0;
  Rows rows;
  figures["first_pass_hand_s"] = median_s(3, [&] { expected = first_pass_by_hand(path, rows); });
  figures["cached_pass_hand_s"] = median_s(9, [&] { expected = pass_by_hand(rows); });
  const auto total = [](const auto& rdd) {
    return rdd.aggregate(
        0.0, [](double sum, const Row& row) { return sum + row[0] + row[1] + row[2] + row[3]; },
        [](double a, double b) { return a + b; });
  };
  figures["first_pass_s"] = median_s(3, [&] {
    const auto parsed = context.text_views(path, 8).map(parse);
    parsed.cache();
    found = total(parsed);
  });
  const auto cached = context.text_views(path, 8).map(parse);
  cached.cache();
  found = total(cached);
  figures["cached_pass_s"] = median_s(9, [&] { found = total(cached); });
  if (std::abs(found - expected) > 1e-9 * expected) throw std::runtime_error("passes: sums differ");
}

void measure_empty_tasks(spark::SparkContext& context, Figures& figures) {
  const auto nothing = context.range(0, 0, 1, empty_tasks);
  const double seconds = median_s(5, [&] { nothing.count(); });
  figures["empty_tasks_per_s"] = empty_tasks / seconds;
}

}  // namespace mesolite::bench

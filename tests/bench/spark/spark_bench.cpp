#include <cstdio>

#include "tests/bench/spark/parts.hpp"

namespace {

mesolite::bench::Figures measure() {
  mesolite::bench::Figures figures;
  {
    mesolite::spark::Options options;
    options.master = "local[2]";
    options.memory = std::uint64_t{10} << 30;
    options.quiet = true;
    mesolite::spark::SparkContext context(options);
    mesolite::bench::measure_empty_tasks(context, figures);
    mesolite::bench::measure_passes(context, figures);
    mesolite::bench::measure_spark_word_count(context, figures);
    mesolite::bench::measure_pagerank(context, figures);
    mesolite::bench::measure_logistic_regression(context, figures);
  }
  mesolite::bench::measure_cluster(figures);
  mesolite::bench::measure_large_shuffle(figures);
  return figures;
}

}  // namespace

int main(int count, char** arguments) {
  if (const auto status = mesolite::spark::run_if_worker(count, arguments)) return *status;
  return mesolite::bench::report(count, arguments, measure);
}

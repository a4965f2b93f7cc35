#include "tests/bench/first/parts.hpp"

namespace {

mesolite::bench::Figures measure() {
  mesolite::bench::Figures figures;
  mesolite::bench::measure_yardsticks(figures);
  mesolite::bench::measure_latencies(figures);
  mesolite::bench::measure_word_count(figures);
  return figures;
}

}  // namespace

int main(int count, char** arguments) {
  return mesolite::bench::report(count, arguments, measure);
}

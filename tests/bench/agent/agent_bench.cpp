#include "tests/bench/agent/parts.hpp"

namespace {

mesolite::bench::Figures measure() {
  mesolite::bench::Stage stage;
  mesolite::bench::Figures figures;
  mesolite::bench::measure_idle(figures, stage);
  mesolite::bench::measure_rates(figures, stage);
  mesolite::bench::measure_thousand(figures, stage);
  mesolite::bench::measure_growth(figures, stage);
  return figures;
}

}  // namespace

int main(int count, char** arguments) {
  return mesolite::bench::report(count, arguments, measure);
}

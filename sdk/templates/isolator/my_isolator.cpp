#include "my_isolator.hpp"

mesolite::Result<mesolite::Contribution> MyIsolator::prepare(const mesolite::ContainerContext&) {
  if (parameters_.variable.empty()) return mesolite::failure("parameter 'variable' is empty");
  mesolite::Contribution contribution;
  contribution.environment[parameters_.variable].value = parameters_.value;
  return contribution;
}

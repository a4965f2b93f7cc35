#include "tests/bench/end_to_end/parts.hpp"

namespace mesolite::bench {

ExecutorInfo bench_executor() {
  ExecutorInfo executor;
  executor.id = ExecutorId("bench");
  executor.command.value = "exec " + harness::built("bench/end_to_end_executor");
  executor.resources = Resources::parse("cpus:0.1;mem:32").value();
  return executor;
}

SchedulerOptions scheduler_options(const std::string& master, const std::string& name) {
  SchedulerOptions options;
  options.master = master;
  options.framework.name = name;
  options.framework.user = "root";
  return options;
}

void start(MesosSchedulerDriver& driver) {
  if (const auto started = driver.start(); !started) {
    throw std::runtime_error(started.error().message);
  }
}

namespace {

Figures measure() {
  Figures figures;
  measure_wire(figures);
  measure_freed(figures);
  measure_tasks(figures);
  return figures;
}

}  // namespace
}  // namespace mesolite::bench

int main(int count, char** arguments) {
  return mesolite::bench::report(count, arguments, mesolite::bench::measure);
}

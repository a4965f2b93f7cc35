// Part (a) of the group `master`: how long the allocator takes, through the module border.
#include <algorithm>
#include <queue>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/master/allocator_cluster.hpp"
#include "tests/bench/report.hpp"
#include "tests/support/wait.hpp"

namespace mesolite::bench {
namespace {

constexpr int passes = 9;
constexpr int events = 1'000;
constexpr const char* with_ports =
    "cpus:8;mem:16384;disk:100000;ports:[31000-31999,32100-32199,33000-33999]";

std::string size_of(const Shape& shape) {
  return std::to_string(shape.agents) + "x" + std::to_string(shape.frameworks);
}

void expect(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(std::string("not so: ") + what);
}

// Passes are equal, and what makes one longer is the machine's other work: the shortest counts.
double shortest_ms(const std::vector<Duration>& samples) {
  return to_milliseconds(*std::min_element(samples.begin(), samples.end()));
}

// Everything is free, and all frameworks begin to want it: one call gives all of it away.
double full_pass_ms(const Shape& shape) {
  AllocatorCluster cluster("hierarchical", shape);
  std::vector<Duration> samples;
  for (int i = 0; i < passes; ++i) {
    cluster.want(0, shape.frameworks);
    samples.push_back(cluster.call());
    expect(cluster.given() == shape.agents, "each agent is given away");
    cluster.release_last(false);
    cluster.want(0, shape.frameworks, false);
    cluster.call();
  }
  return shortest_ms(samples);
}

// All is given away; one agent's resources become free and are given away again.
double event_us(const Shape& shape) {
  AllocatorCluster cluster("hierarchical", shape);
  cluster.want(0, shape.frameworks);
  cluster.call();
  std::vector<Duration> samples;
  for (int i = 0; i < events; ++i) {
    cluster.release_one(0);
    samples.push_back(cluster.call());
    expect(cluster.given() == 1, "what is free is given away again");
  }
  return to_milliseconds(percentile(std::move(samples), 0.5)) * 1000;
}

// Whoever is offered something declines it, until nobody is asked any more.
void decline_everything(AllocatorCluster& cluster) {
  while (cluster.given() > 0) {
    cluster.release_last(true);
    cluster.call();
  }
}

// A pass over all agents, each of them free and declined by all.
double all_declined_ms(AllocatorCluster& cluster) {
  std::vector<Duration> samples;
  for (int i = 0; i < passes; ++i) {
    cluster.consider_everything();
    samples.push_back(cluster.call());
    expect(cluster.given() == 0, "what was declined is not offered again");
  }
  return shortest_ms(samples);
}

// Ten more frameworks come: how long they wait for all the agents, whoever else is there.
double ten_more_ms(AllocatorCluster& cluster, const Shape& shape) {
  for (int i = 0; i < 10; ++i) cluster.add_framework();
  std::vector<Duration> samples{cluster.call()};
  for (int i = 1; i < passes; ++i) {
    expect(cluster.given() == shape.agents, "what others do not want delays nobody");
    cluster.release_last(false);
    samples.push_back(cluster.call());
  }
  return shortest_ms(samples);
}

// All but ten frameworks decline everything; the ten come and are given everything; they decline as
// well.
void measure_declined(Figures& figures, const Shape& shape) {
  AllocatorCluster alone("hierarchical", {shape.agents, 0, 1, with_ports});
  figures["alloc_ten_alone_ms_" + size_of(shape)] = ten_more_ms(alone, shape);
  AllocatorCluster cluster("hierarchical", {shape.agents, shape.frameworks - 10, 1, with_ports});
  cluster.want(0, shape.frameworks - 10);
  cluster.call();
  decline_everything(cluster);
  figures["alloc_ten_among_idle_ms_" + size_of(shape)] = ten_more_ms(cluster, shape);
  decline_everything(cluster);
  figures["alloc_all_declined_ms_" + size_of(shape)] = all_declined_ms(cluster);
}

// The limit of what is possible: a heap of frameworks by dominant share, and nothing around it.
double heap_ms(const Shape& shape) {
  using Entry = std::pair<double, std::size_t>;
  std::vector<Duration> samples;
  for (int i = 0; i < passes; ++i) {
    const harness::Stopwatch watch;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap;
    for (std::size_t f = 0; f < shape.frameworks; ++f) heap.push({0, f});
    std::vector<std::size_t> given(shape.agents);
    for (std::size_t& framework : given) {
      auto [share, first] = heap.top();
      heap.pop();
      framework = first;
      heap.push({share + 1.0 / static_cast<double>(shape.agents), first});
    }
    expect(!given.empty(), "there are agents");
    samples.push_back(watch.elapsed());
  }
  return shortest_ms(samples);
}

Figures measure() {
  Figures figures;
  const Shape usual{10'000, 1'000};
  figures["drf_heap_ms_" + size_of(usual)] = heap_ms(usual);
  for (const Shape& shape :
       {Shape{1'000, 100}, usual, Shape{20'000, 2'000}, Shape{50'000, 1'000}}) {
    figures["alloc_full_ms_" + size_of(shape)] = full_pass_ms(shape);
  }
  const Shape ports{10'000, 1'000, 1, with_ports};
  const Shape roles{10'000, 1'000, 100};
  figures["alloc_full_ports_ms_" + size_of(ports)] = full_pass_ms(ports);
  figures["alloc_full_roles_ms_" + size_of(roles)] = full_pass_ms(roles);
  figures["alloc_event_us_" + size_of(usual)] = event_us(usual);
  figures["alloc_event_ports_us_" + size_of(ports)] = event_us(ports);
  measure_declined(figures, {1'000, 50});
  measure_declined(figures, usual);
  return figures;
}

}  // namespace
}  // namespace mesolite::bench

int main(int count, char** arguments) {
  return mesolite::bench::report(count, arguments, mesolite::bench::measure);
}

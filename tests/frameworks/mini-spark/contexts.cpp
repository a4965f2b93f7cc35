#include "tests/frameworks/mini-spark/contexts.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "mesolite/base/random.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::spark {
namespace {

struct RealCluster {
  harness::Cluster cluster{{.agents = 3}};
  SparkContext context{options_for(cluster)};
};

std::unique_ptr<RealCluster>& real_cluster() {
  static std::unique_ptr<RealCluster> cluster;
  return cluster;
}

}  // namespace

SparkContext& local_context() {
  static SparkContext context([] {
    Options options;
    options.master = "local[2]";
    options.quiet = true;
    return options;
  }());
  return context;
}

SparkContext& cluster_context() {
  if (!real_cluster()) real_cluster() = std::make_unique<RealCluster>();
  return real_cluster()->context;
}

Options options_for(const harness::Cluster& cluster) {
  Options options;
  options.master = cluster.master();
  options.memory = std::uint64_t{64} << 20;
  options.cores = 2;
  options.executors_max = 3;
  options.partitions = 7;
  options.quiet = true;
  return options;
}

void end_cluster() {
  real_cluster().reset();
}

std::string text_of(const ::testing::TestParamInfo<Place>& place) {
  const std::string dying = place.param.where == Where::dying_cluster ? "_one_dies" : "";
  return std::to_string(place.param.partitions) + dying;
}

void DieOnce::die_if_first() const {
  if (TaskContext::current()->place().partition != partition) return;
  const int made = ::open(mark.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (made >= 0) std::raise(SIGKILL);
}

SparkContext& TableTest::context() const {
  return GetParam().where == Where::local ? local_context() : cluster_context();
}

Numbers random_numbers(std::size_t count, std::int64_t bound, std::uint64_t seed) {
  Random random(seed);
  Numbers numbers;
  for (std::size_t i = 0; i < count; ++i) {
    numbers.push_back(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(bound))));
  }
  return numbers;
}

NumberPairs random_pairs(std::size_t count, std::int64_t keys, std::uint64_t seed) {
  const Numbers first = random_numbers(count, keys, seed);
  const Numbers second = random_numbers(count, 1'000'000, seed + 1);
  NumberPairs pairs;
  for (std::size_t i = 0; i < count; ++i) pairs.emplace_back(first[i], second[i]);
  return pairs;
}

}  // namespace mesolite::spark

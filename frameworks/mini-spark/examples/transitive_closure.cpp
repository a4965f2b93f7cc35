// Which nodes of a graph reach which: paths grow by an edge a round until none is new.
// spark-transitive-closure [NODES] [EDGES]
#include <cstdio>
#include <cstdlib>

#include "frameworks/mini-spark/api/program.hpp"
#include "mesolite/base/random.hpp"

namespace {

using mesolite::spark::Arguments;
using mesolite::spark::SparkContext;

using Edge = std::pair<std::uint64_t, std::uint64_t>;

void close_graph(SparkContext& spark, const Arguments& arguments) {
  const auto nodes = arguments.empty() ? 100 : std::strtoull(arguments[0].c_str(), nullptr, 10);
  const auto count = arguments.size() < 2 ? 200 : std::strtoull(arguments[1].c_str(), nullptr, 10);
  mesolite::Random random(2);
  std::vector<Edge> edges;
  for (std::uint64_t i = 0; i < count; ++i) {
    edges.emplace_back(random.below(nodes), random.below(nodes));
  }
  const auto edge_rdd = spark.parallelize(edges).distinct();
  edge_rdd.cache();
  // By their ends, for the join with the edges' beginnings.
  auto paths = edge_rdd.map([](const Edge& edge) { return Edge(edge.second, edge.first); });
  std::uint64_t known = 0;
  for (std::uint64_t now = paths.count(); now != known; now = paths.count()) {
    known = now;
    std::printf("%llu paths\n", static_cast<unsigned long long>(known));
    const auto longer =
        paths.join_with<Edge>(edge_rdd, [](std::uint64_t, std::uint64_t begin, std::uint64_t end,
                                           auto& emit) { emit(Edge(end, begin)); });
    paths = paths.union_with(longer).distinct(edge_rdd.partitions());
    paths.cache();
  }
  std::printf("the transitive closure of %zu edges has %llu\n", edges.size(),
              static_cast<unsigned long long>(known));
}

}  // namespace

int main(int argc, char** argv) {
  return mesolite::spark::run(argc, argv, close_graph);
}

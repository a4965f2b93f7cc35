// PageRank of a graph (Page, Brin et al. 1999): spark-pagerank [ITERATIONS] [EDGES-FILE]
//
// A file has an edge a line, "FROM TO"; without one, a graph is grown in which pages link to pages
// that have many links already, so that a few become much more important than the others.
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "frameworks/mini-spark/api/program.hpp"
#include "mesolite/base/random.hpp"

namespace {

using mesolite::spark::Arguments;
using mesolite::spark::RDD;
using mesolite::spark::SparkContext;

using Page = std::uint64_t;
using Edge = std::pair<Page, Page>;
using Links = std::pair<Page, std::vector<Page>>;
using Rank = std::pair<Page, double>;

std::vector<Edge> grown_graph(std::size_t pages, std::size_t links_each) {
  mesolite::Random random(1);
  std::vector<Edge> edges{{1, 0}};
  for (Page page = 2; page < pages; ++page) {
    for (std::size_t i = 0; i < links_each; ++i) {
      const Edge& some = edges[random.below(edges.size())];
      edges.emplace_back(page, random.chance(0.9) ? some.second : some.first);
    }
  }
  return edges;
}

RDD<Edge> edges_of(SparkContext& spark, const Arguments& arguments) {
  if (arguments.size() < 2) return spark.parallelize(grown_graph(5'000, 4));
  return spark.text_file(arguments[1]).map([](const std::string& line) {
    std::istringstream in(line);
    Edge edge;
    in >> edge.first >> edge.second;
    return edge;
  });
}

void rank_pages(SparkContext& spark, const Arguments& arguments) {
  const int iterations = arguments.empty() ? 10 : std::atoi(arguments[0].c_str());
  const auto links = edges_of(spark, arguments).distinct().group_by_key();
  links.cache();
  auto ranks = links.map_values([](const std::vector<Page>&) { return 1.0; });
  for (int i = 0; i < iterations; ++i) {
    ranks =
        links
            .join_with<Rank>(ranks,
                             [](Page, const std::vector<Page>& targets, double rank, auto& emit) {
                               const auto share = rank / static_cast<double>(targets.size());
                               for (const Page target : targets) emit(Rank(target, share));
                             })
            .reduce_by_key([](double a, double b) { return a + b; }, links.partitions())
            .map_values([](double sum) { return 0.15 + 0.85 * sum; });
  }
  std::printf("after %d iterations the most important pages are:\n", iterations);
  const auto higher = [](const Rank& a, const Rank& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  };
  for (const auto& [page, rank] : ranks.take_ordered(10, higher)) {
    std::printf("%10.4f  page %llu\n", rank, static_cast<unsigned long long>(page));
  }
}

}  // namespace

int main(int argc, char** argv) {
  return mesolite::spark::run(argc, argv, rank_pages);
}

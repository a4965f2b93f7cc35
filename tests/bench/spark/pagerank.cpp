// PageRank of an R-MAT graph (Chakrabarti et al. 2004) of a million vertices and ten million edges.
#include <cmath>
#include <stdexcept>

#include "mesolite/base/random.hpp"
#include "tests/bench/spark/parts.hpp"

namespace mesolite::bench {
namespace {

constexpr unsigned scale = 20;
constexpr std::uint32_t vertices = std::uint32_t{1} << scale;
constexpr std::size_t edges_count = 10'000'000;
constexpr int rounds = 6;
constexpr std::uint32_t partitions = 32;

using Edge = std::pair<std::uint32_t, std::uint32_t>;
using Rank = std::pair<std::uint32_t, double>;

std::vector<Edge> rmat_edges() {
  Random random(1);
  std::vector<Edge> edges;
  edges.reserve(edges_count);
  for (std::size_t i = 0; i < edges_count; ++i) {
    Edge edge{0, 0};
    for (unsigned bit = 0; bit < scale; ++bit) {
      const std::uint64_t dice = random.below(100);
      edge.first = edge.first << 1 | (dice >= 76 ? 1U : 0U);
      edge.second = edge.second << 1 | ((dice >= 57 && dice < 76) || dice >= 95 ? 1U : 0U);
    }
    edges.push_back(edge);
  }
  return edges;
}

// Edges by their targets, as compressed rows.
struct Graph {
  std::vector<std::uint32_t> starts;  // of a target's sources
  std::vector<std::uint32_t> sources;
  std::vector<std::uint32_t> degrees;  // outgoing

  explicit Graph(const std::vector<Edge>& edges)
      : starts(vertices + 1), sources(edges.size()), degrees(vertices) {
    for (const auto& [from, to] : edges) {
      ++degrees[from];
      ++starts[to + 1];
    }
    for (std::uint32_t v = 0; v < vertices; ++v) starts[v + 1] += starts[v];
    std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
    for (const auto& [from, to] : edges) sources[next[to]++] = from;
  }
};

double ranks_by_hand(const std::vector<Edge>& edges, std::vector<double>& ranks) {
  const Graph graph(edges);
  ranks.assign(vertices, 1.0);
  std::vector<double> shares(vertices);
  return median_s(rounds, [&] {
    on_threads([&](std::uint32_t thread) {
      for (std::size_t v = thread; v < vertices; v += threads_count) {
        shares[v] = graph.degrees[v] == 0 ? 0 : ranks[v] / graph.degrees[v];
      }
    });
    on_threads([&](std::uint32_t thread) {
      // As many edges, not vertices, for each.
      const auto border = [&](std::size_t part) {
        const auto edge = static_cast<std::uint32_t>(edges.size() * part / threads_count);
        return std::lower_bound(graph.starts.begin(), graph.starts.end(), edge) -
               graph.starts.begin();
      };
      const auto last = std::min<std::ptrdiff_t>(border(thread + 1), vertices);
      for (auto v = static_cast<std::size_t>(border(thread)); v < static_cast<std::size_t>(last);
           ++v) {
        double sum = 0;
        for (std::uint32_t e = graph.starts[v]; e < graph.starts[v + 1]; ++e) {
          sum += shares[graph.sources[e]];
        }
        ranks[v] = 0.15 + 0.85 * sum;
      }
    });
  });
}

}  // namespace

void measure_pagerank(spark::SparkContext& context, Figures& figures) {
  const std::vector<Edge> edges = rmat_edges();
  std::vector<double> expected;
  figures["pagerank_hand_s"] = ranks_by_hand(edges, expected);

  const auto links = context.parallelize(edges, 8).group_by_key(partitions);
  links.cache();
  links.count();
  auto ranks = links.map_values([](const std::vector<std::uint32_t>&) { return 1.0; });
  const harness::Stopwatch watch;
  for (int i = 0; i < rounds; ++i) {
    ranks = links
                .join_with<Rank>(ranks,
                                 [](std::uint32_t, const std::vector<std::uint32_t>& targets,
                                    double rank, auto& emit) {
                                   const auto share = rank / static_cast<double>(targets.size());
                                   for (const std::uint32_t target : targets) {
                                     emit(Rank(target, share));
                                   }
                                 })
                .reduce_by_key([](double a, double b) { return a + b; }, partitions)
                .map_values([](double sum) { return 0.15 + 0.85 * sum; });
  }
  const double sum = ranks.values().sum();
  figures["pagerank_iteration_s"] = to_seconds(watch.elapsed()) / rounds;
  links.unpersist();

  // Vertices that nobody links to have 0.15 by hand and no record in the RDD; in the first round
  // they differ the same way, so only the order of magnitude of the sums can be compared.
  double hand = 0;
  for (const double rank : expected) hand += rank > 0.15 ? rank : 0;
  if (std::abs(sum - hand) > 0.2 * hand) throw std::runtime_error("pagerank: ranks differ");
}

}  // namespace mesolite::bench

// Measures mini-hadoop's jobs on generated data beside what does the same without a cluster.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>

#include "tests/bench/hadoop/parts.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::bench {
namespace {

namespace fs = std::filesystem;

constexpr int runs = 3;
// One machine with its two cores; each task takes one of them.
constexpr const char* two_cores = "cpus:2;mem:4096";
constexpr const char* one_core = "cpus:1;mem:4096";

// The median of so many turns, each of which runs all of the commands: so a busy minute of the
// machine hits all of them.
void measure(Figures& figures, std::map<std::string, std::function<void()>> commands) {
  std::map<std::string, std::vector<Duration>> times;
  for (int run = 0; run < runs; ++run) {
    for (const auto& [name, command] : commands) {
      const harness::Stopwatch watch;
      command();
      times[name].push_back(watch.elapsed());
    }
  }
  for (const auto& [name, samples] : times) figures[name] = to_seconds(percentile(samples, 0.5));
}

class Bench {
 public:
  // What mini-hadoop keeps of its jobs goes with the bench.
  Bench() { setenv("MINI_HADOOP_HOME", (scratch_ / "home").c_str(), 1); }

  void word_count(Figures& figures) {
    const harness::Cluster small({.resources = one_core});
    measure(figures,
            {{"wordcount_1gb_s", [&] { run("wordcount", {text()}); }},
             {"wordcount_1gb_one_core_s", [&] { run_on(small, "wordcount", {text()}); }},
             {"wordcount_1gb_hand_s", [&] { count_by_hand(text(), scratch_ / "by-hand"); }}});
    const std::vector<std::string> four_times(4, text());
    figures["wordcount_4gb_peak_mb"] =
        peak_memory_of(job(cluster_.master(), "wordcount", output(), four_times));
  }

  void grep(Figures& figures) {
    // A literal: what grep is fastest at.
    measure(figures,
            {{"grep_1gb_s",
              [&] {
                run("grep", {"zqx", text()});
              }},
             {"grep_c_1gb_s", [&] {
                time_of({"/bin/sh", "-c", "grep -c zqx '" + text() + "' || true"}, {"LC_ALL=C"});
              }}});
    fs::remove(text());
  }

  void tera_sort(Figures& figures) {
    const std::string rows = std::to_string(input_size / 100);
    figures["teragen_1gb_s"] =
        to_seconds(time_of(job(cluster_.master(), "teragen", scratch_ / "tera", {rows})));
    const std::string records = (scratch_ / "tera").string();
    const std::string joined = (scratch_ / "records").string();
    time_of({"/bin/sh", "-c", "cat " + records + "/part-* > " + joined});
    fs::remove_all(records);
    measure(figures,
            {{"terasort_1gb_s", [&] { run("terasort", {joined}); }},
             {"terasort_1gb_hand_s", [&] { sort_by_hand(joined, scratch_ / "by-hand"); }},
             {"gnu_sort_1gb_s", [&] {
                time_of({"/usr/bin/sort", "--parallel=2", "-S", "256M", "-T",
                         scratch_.path().string(), "-o", (scratch_ / "by-hand").string(), joined},
                        {"LC_ALL=C"});
              }}});
    const std::vector<std::string> four_times(4, joined);
    figures["terasort_4gb_peak_mb"] =
        peak_memory_of(job(cluster_.master(), "terasort", output(), four_times));
    fs::remove(joined);
  }

  void overheads(Figures& figures) {
    const std::string empty = (scratch_ / "empty").string();
    std::ofstream{empty}.flush();
    measure(figures, {{"empty_job_ms", [&] { run("wordcount", {empty}); }}});
    figures["empty_job_ms"] *= 1000;
    const std::string tiny = (scratch_ / "tiny").string();
    write_file(tiny, 10'000);
    measure(figures, {{"tiny_tasks_10000_s", [&] {
                         run("wordcount", {"--split-size", "1", "--cpus", "0.1", tiny});
                       }}});
  }

 private:
  static void write_file(const std::string& path, int bytes) {
    std::ofstream out(path, std::ios::binary);
    for (int i = 0; i < bytes; ++i) out << (i % 2 == 0 ? 'x' : ' ');
  }
  std::string text() {
    const fs::path path = scratch_ / "text";
    if (!fs::exists(path)) write_zipf_text(path, input_size);
    return path.string();
  }
  fs::path output() const { return scratch_ / "output"; }
  void run(const std::string& name, std::vector<std::string> arguments) {
    run_on(cluster_, name, std::move(arguments));
  }
  void run_on(const harness::Cluster& cluster, const std::string& name,
              std::vector<std::string> arguments) {
    time_of(job(cluster.master(), name, output(), std::move(arguments)));
  }

  harness::Scratch scratch_;
  harness::Cluster cluster_{{.resources = two_cores}};
};

Figures measure_all() {
  Figures figures;
  Bench bench;
  bench.overheads(figures);
  bench.word_count(figures);
  bench.grep(figures);
  bench.tera_sort(figures);
  return figures;
}

}  // namespace
}  // namespace mesolite::bench

int main(int count, char** arguments) {
  return mesolite::bench::report(count, arguments, mesolite::bench::measure_all);
}
